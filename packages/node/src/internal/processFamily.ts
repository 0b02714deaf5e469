import type { Entry, ProcessTable } from "./processTable.js"

/**
 * What is known of a process whose family is looked for.
 *
 * @internal
 */
export interface Known {
  readonly leader: number
  /** While it has not been reaped, its pid is its own. */
  readonly leaderReaped: boolean
  /** Whether nobody of its group was left at some time after that. */
  readonly groupEmpty: boolean
  /** The members that were there when the table was read before. */
  readonly members: ProcessTable
}

/** The groups that members are known to be in, without those whose number belongs to a stranger by now. */
const ownGroups = (table: ProcessTable, known: Known, isKnown: (entry: Entry) => boolean): Set<number> => {
  const groups = new Set([...(known.groupEmpty ? [] : [known.leader]), ...known.members.map(({ group }) => group)])
  // A number is not given away while a group has it: whoever has it as pid is of the family, or the group is not.
  table.forEach((entry) => {
    if (groups.has(entry.pid) && !isKnown(entry)) {
      groups.delete(entry.pid)
    }
  })
  return groups
}

/**
 * Those of the table that stem from the leader: the members known before, those that carry the mark, their groups, and
 * the descendants of all these.
 *
 * The mark alone finds orphans of whom nothing was known, such as those of a leader that crashed, but not a process
 * that was given a clean environment, nor any where the system does not show environments. Descent and groups find
 * those, but only as long as an ancestor lives or was seen. One look at the table tells all of it.
 *
 * @internal
 */
export const find = (table: ProcessTable, known: Known): ProcessTable => {
  const started = new Map(known.members.map((entry) => [entry.pid, entry.started]))
  const isKnown = ({ pid, started: at }: Entry): boolean =>
    started.get(pid) === at || (pid === known.leader && !known.leaderReaped)

  const groups = ownGroups(table, known, isKnown)
  const pids = new Set<number>()
  const found: Array<Entry> = []
  let rest = table
  let before: number
  do {
    before = found.length
    const strangers: Array<Entry> = []
    for (const entry of rest) {
      if (entry.marked || isKnown(entry) || groups.has(entry.group) || pids.has(entry.parent)) {
        found.push(entry)
        pids.add(entry.pid)
        groups.add(entry.group)
      } else {
        strangers.push(entry)
      }
    }
    rest = strangers
  } while (found.length > before)
  return found
}
