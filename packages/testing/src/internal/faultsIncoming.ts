import * as Duration from "effect/Duration"
import * as Lanes from "./faultsLanes.js"
import * as Passage from "./faultsPassage.js"

/** @internal */
export type OnFrames = (frames: ReadonlyArray<string>) => void

const capacity = 1_000

/**
 * Hands over what comes in: at once while nothing is held back, so that a chunk without a fault is passed on as it came.
 *
 * @internal
 */
export interface Incoming {
  readonly isAttached: () => boolean
  readonly attach: (onFrames: OnFrames) => void
  readonly detach: () => void
  readonly offer: (passage: Passage.Passage) => void
  /** Hands over what was let pass, as one chunk. */
  readonly flush: () => void
  /** Lets everything go that is held back, and hands it over. */
  readonly letGo: () => void
}

interface Waiting {
  readonly lines: ReadonlyArray<string>
  pause: Duration.Duration
}

/** @internal */
export const make = (after: Lanes.After): Incoming => {
  let handler: OnFrames | undefined
  let passed: Array<string> = []
  // In order; only the first one's pause is under way.
  let queue: Array<Waiting> = []
  let stopTimer: (() => void) | undefined

  const flush = (): void => {
    if (handler !== undefined && passed.length > 0) {
      const chunk = passed
      passed = []
      handler(chunk)
    }
  }

  const advance = (): void => {
    for (let first = queue[0]; first !== undefined && stopTimer === undefined; first = queue[0]) {
      if (Passage.isPaused(first)) {
        stopTimer = after(first.pause, onPauseOver)
      } else {
        queue.shift()
        passed.push(...first.lines)
      }
    }
  }

  const onPauseOver = (): void => {
    stopTimer = undefined
    const first = queue[0]
    if (first !== undefined) {
      first.pause = Duration.zero
    }
    advance()
    flush()
  }

  const lanes = Lanes.make<Passage.Passage>({
    after,
    pass(passage) {
      queue.push({ lines: Passage.lines(passage), pause: passage.pause })
      advance()
    },
    onTimeout: flush
  })

  const letGo = (): void => {
    lanes.releaseAll()
    stopTimer?.()
    stopTimer = undefined
    passed.push(...queue.flatMap(({ lines }) => lines))
    queue = []
    flush()
  }

  return {
    isAttached: () => handler !== undefined,
    attach(onFrames) {
      handler = onFrames
    },
    detach() {
      handler = undefined
    },
    offer(passage) {
      lanes.offer(passage.lane, passage, passage.hold)
      if (lanes.size() + queue.length > capacity) {
        letGo()
      }
    },
    flush,
    letGo
  }
}
