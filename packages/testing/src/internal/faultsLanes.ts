import type * as Duration from "effect/Duration"

/**
 * Runs something later, unless what it gives back is called first.
 *
 * @internal
 */
export type After = (duration: Duration.Duration, then: () => void) => () => void

/**
 * How long a lane is held back.
 *
 * @internal
 */
export interface Hold {
  readonly behind: number
  readonly within: Duration.Duration
}

/**
 * Lets items pass as they come, but for those of lanes that are held: such a lane waits behind the item that holds it,
 * so its own order stays.
 *
 * @internal
 */
export interface Lanes<A> {
  readonly offer: (lane: string | undefined, item: A, hold: Hold | undefined) => void
  readonly releaseAll: () => void
  /** How many items are held back. */
  readonly size: () => number
}

interface Held<A> {
  readonly items: Array<A>
  readonly cancel: () => void
  left: number
}

/**
 * `onTimeout` is called after items passed because their time was over.
 *
 * @internal
 */
export const make = <A>(options: {
  readonly after: After
  readonly pass: (item: A) => void
  readonly onTimeout: () => void
}): Lanes<A> => {
  const held = new Map<string | undefined, Held<A>>()

  const pass = (item: A): void => {
    options.pass(item)
    for (const [lane, entry] of held) {
      if (--entry.left <= 0) {
        release(lane)
      }
    }
  }

  const release = (lane: string | undefined): void => {
    const found = held.get(lane)
    if (found !== undefined) {
      held.delete(lane)
      found.cancel()
      found.items.forEach(pass)
    }
  }

  return {
    offer(lane, item, hold) {
      const found = held.get(lane)
      if (found !== undefined) {
        found.items.push(item)
      } else if (hold !== undefined) {
        const cancel = options.after(hold.within, () => {
          release(lane)
          options.onTimeout()
        })
        held.set(lane, { items: [item], cancel, left: hold.behind })
      } else {
        pass(item)
      }
    },
    releaseAll() {
      Array.from(held.keys()).forEach(release)
    },
    size() {
      let size = 0
      for (const { items } of held.values()) {
        size += items.length
      }
      return size
    }
  }
}
