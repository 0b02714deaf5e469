/**
 * When the readers of a connection's queues are woken.
 *
 * A wake-up costs as much as routing twenty messages. Messages mostly come one at a time, and then it cannot be saved;
 * but where many come at once, more of them are about to: then the readers are woken when all that can be read without
 * waiting is routed, each once, unless so much waits that it would outlive a collection of garbage.
 *
 * @internal
 */
export class WakeUps {
  /** Whether what is routed at this moment is part of so much that its readers may wait for the rest. */
  mayWait = false
  #waiting: Array<() => void> = []
  /** How many frames were routed since the first of those that wait. */
  #routed = 0

  /** Calls back once nothing more is there to be read, or enough was. */
  later(wake: () => void): void {
    if (this.#waiting.push(wake) === 1) {
      this.#routed = 0
      afterInput(this.#wakeAll)
    }
  }

  /** So many frames were routed that came together. */
  routed(frames: number): void {
    this.#routed += frames
    if (this.#routed >= enough) {
      this.#wakeAll()
    }
  }

  readonly #wakeAll = (): void => {
    const waiting = this.#waiting
    this.#waiting = []
    this.#routed = 0
    for (const wake of waiting) {
      wake()
    }
  }
}

/**
 * So many messages at once are many.
 *
 * @internal
 */
export const many = 32

/** For so many frames it is worth it to wake even as many readers as a connection may have turns under way. */
const enough = 2048

/** Node runs these after it has handed on what it could read; where there are none, a timer comes as near as can be. */
const afterInput: (f: () => void) => unknown = typeof globalThis.setImmediate === "function"
  ? globalThis.setImmediate
  : (f) => setTimeout(f, 0)
