import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import { onExit } from "./exitHook.js"
import * as ProcessFamily from "./processFamily.js"
import * as ProcessTable from "./processTable.js"

/**
 * A process and everything that it started, in whatever group or session.
 *
 * @internal
 */
export interface ProcessTree {
  /** Looks who is there. To be done while the process lives, since its orphans may not be told from others later. */
  readonly look: Effect.Effect<void>
  /** Looks again and signals whoever is there; answers whether there was anyone. */
  readonly signal: (signal: "SIGTERM" | "SIGKILL") => Effect.Effect<boolean>
  /** Whether one of those last seen is left. */
  readonly isAlive: () => boolean
  /** To be called when the process has been reaped. */
  readonly leaderExited: () => void
}

interface Killable extends ProcessTree {
  /** Kills whoever can be found without waiting for anything. */
  readonly killNow: () => void
}

const trySignal = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

const posix = (leader: number, mark: string): Killable => {
  let leaderReaped = false
  // Once the group is empty its number may be given to another one, so it must never be signalled again.
  let groupEmpty = false
  let members: ProcessTable.ProcessTable | undefined

  const signalGroup = (signal: NodeJS.Signals | 0): boolean => {
    groupEmpty ||= !trySignal(-leader, signal)
    return !groupEmpty
  }

  const take = (table: ProcessTable.ProcessTable): void => {
    members = ProcessFamily.find(table, { leader, leaderReaped, groupEmpty, members: members ?? [] })
  }

  const send = (signal: NodeJS.Signals): boolean => {
    if (members === undefined) {
      return signalGroup(signal)
    }
    // The group as one, so that no process slips away while it starts another.
    if (members.some(({ group }) => group === leader)) {
      signalGroup(signal)
    }
    members.filter(({ group }) => group !== leader).forEach(({ pid }) => trySignal(pid, signal))
    return members.length > 0
  }

  const look = ProcessTable.read(mark).pipe(
    Effect.map(take),
    Effect.catchAll((error) => {
      members = undefined
      return Effect.logDebug("The process table cannot be read: what left the process group is not ended", error)
    })
  )

  return {
    look,
    signal: (signal) => Effect.map(look, () => send(signal)),
    isAlive: () => members === undefined ? signalGroup(0) : members.some(ProcessTable.isAlive),
    leaderExited() {
      leaderReaped = true
      signalGroup(0)
    },
    killNow() {
      // Twice, for what was started between the look and the kill.
      for (let round = 0; round < 2; round++) {
        try {
          take(ProcessTable.readNow(mark))
        } catch {
          // There is nobody left to tell; those seen before and the group are killed all the same.
        }
        send("SIGKILL")
      }
    }
  }
}

/** Windows has no groups and no SIGTERM: the tree is ended from its root, for as long as there is a root. */
const windows = (pid: number): Killable => {
  let alive = true
  const args = ["/pid", String(pid), "/T", "/F"]
  return {
    look: Effect.void,
    isAlive: () => alive,
    signal: () =>
      Effect.sync(() => {
        if (alive) {
          // A tree that cannot be ended shows in the bounded wait for the exit; there is nobody to tell here.
          ChildProcess.spawn("taskkill", args, { stdio: "ignore", windowsHide: true }).on("error", () => {}).unref()
        }
        return alive
      }),
    leaderExited() {
      alive = false
    },
    killNow() {
      if (alive) {
        ChildProcess.spawnSync("taskkill", args, { stdio: "ignore", windowsHide: true, timeout: 2000 })
      }
    }
  }
}

/**
 * Watches over the tree of `pid`, a process that leads a group of its own and has `mark` in its environment: until
 * `release` it is killed when the program exits.
 *
 * @internal
 */
export const make = (pid: number, mark: string): ProcessTree & { readonly release: () => void } => {
  const { killNow, ...tree } = process.platform === "win32" ? windows(pid) : posix(pid, mark)
  return { ...tree, release: onExit(killNow) }
}
