/**
 * When the readers of a connection's queues are woken.
 *
 * A wake-up costs as much as routing twenty messages. Messages mostly come one at a time, and then it cannot be saved;
 * but where many come at once, more of them are about to: then the readers are woken when all that can be read without
 * waiting is routed, each once, unless its queue is filling up.
 *
 * @internal
 */
export class WakeUps {
  /** Whether what is routed at this moment is part of so much that its readers may wait for the rest. */
  mayWait = false
  #waiting: Array<() => void> = []

  /** Calls back once nothing more is there to be read. */
  later(wake: () => void): void {
    if (this.#waiting.push(wake) === 1) {
      afterInput(() => {
        const waiting = this.#waiting
        this.#waiting = []
        for (const each of waiting) {
          each()
        }
      })
    }
  }
}

/**
 * So many messages at once are many.
 *
 * @internal
 */
export const many = 32

/** Node runs these after it has handed on what it could read; where there are none, a timer comes as near as can be. */
const afterInput: (f: () => void) => unknown = typeof globalThis.setImmediate === "function"
  ? globalThis.setImmediate
  : (f) => setTimeout(f, 0)
