import * as Duration from "effect/Duration"
import type * as Faults from "../Faults.js"
import type { Hold } from "./faultsLanes.js"

/**
 * What has become of a frame: the lines that stand for it, and how they pass.
 *
 * @internal
 */
export interface Passage {
  readonly lane: string | undefined
  readonly noise: ReadonlyArray<string>
  /** None where the frame was lost. */
  readonly copies: ReadonlyArray<string>
  readonly pause: Duration.Duration
  readonly hold: Hold | undefined
}

/** @internal */
export const make = (frame: Faults.Frame): Passage => ({
  lane: frame.threadId,
  noise: [],
  copies: [frame.text],
  pause: Duration.zero,
  hold: undefined
})

/** @internal */
export const isLost = ({ copies }: Passage): boolean => copies.length === 0

/** @internal */
export const isPaused = ({ pause }: { readonly pause: Duration.Duration }): boolean =>
  Duration.greaterThan(pause, Duration.zero)

/**
 * What goes over the wire, in order.
 *
 * @internal
 */
export const lines = ({ copies, noise }: Passage): ReadonlyArray<string> => [...noise, ...copies]

const frameActions: ReadonlySet<string> = new Set<Faults.FrameAction["_tag"]>([
  "Drop",
  "Duplicate",
  "Delay",
  "Reorder",
  "Truncate",
  "Noise"
])

/** @internal */
export const isFrameAction = (action: Faults.Action): action is Faults.FrameAction => frameActions.has(action._tag)

// White space at the end could be all that is cut off.
const firstHalf = (text: string): string => text.slice(0, Math.floor(text.trimEnd().length / 2))

/** @internal */
export const alter = (self: Passage, action: Faults.FrameAction): Passage => {
  switch (action._tag) {
    case "Drop":
      return { ...self, copies: [] }
    case "Duplicate":
      return { ...self, copies: self.copies.flatMap((text) => [text, text]) }
    case "Delay":
      return { ...self, pause: Duration.sum(self.pause, action.duration) }
    case "Reorder":
      return { ...self, hold: action }
    case "Truncate":
      return { ...self, copies: self.copies.map(firstHalf) }
    case "Noise":
      return { ...self, noise: [...self.noise, action.line] }
  }
}
