import { TransportError } from "@effect-codex/sdk/CodexError"
import type { TransportEnd } from "@effect-codex/sdk/Transport"
import * as Deferred from "effect/Deferred"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import type * as Faults from "../Faults.js"

/**
 * What has happened to a connection as a whole.
 *
 * @internal
 */
export interface Link {
  readonly ended: Deferred.Deferred<TransportEnd>
  /** Fails once nothing can be sent any more. */
  readonly unwritable: Deferred.Deferred<never, TransportError>
  /** Why nothing can be sent any more. */
  readonly refusal: () => TransportError | undefined
  readonly isOver: () => boolean
  /** Whether the server reads what is sent. */
  readonly isRead: () => boolean
  /** Whether the server says frames of this kind. */
  readonly says: (kind: Faults.Frame["kind"]) => boolean
  readonly meet: (action: Faults.ConnectionAction, frame: Faults.Frame) => void
  readonly refuse: (detail: string) => void
  readonly end: (end: TransportEnd, detail: string) => void
}

const nameOf = ({ direction, index, method }: Faults.Frame): string =>
  `${direction} frame ${index}${method === undefined ? "" : ` (${method})`}`

/**
 * `onEnd` is called before the end is told.
 *
 * @internal
 */
export const make = (onEnd: () => void): Link => {
  const ended = Deferred.unsafeMake<TransportEnd>(FiberId.none)
  const unwritable = Deferred.unsafeMake<never, TransportError>(FiberId.none)
  let refusal: TransportError | undefined
  let over = false
  let reading = true
  let answering = true
  let talking = true

  const refuse: Link["refuse"] = (detail) => {
    if (refusal === undefined) {
      refusal = new TransportError({ reason: "Closed", detail })
      Deferred.unsafeDone(unwritable, Exit.fail(refusal))
    }
  }

  const end: Link["end"] = (end, detail) => {
    if (!over) {
      over = true
      onEnd()
      refuse(detail)
      Deferred.unsafeDone(ended, Exit.succeed(end))
    }
  }

  return {
    ended,
    unwritable,
    refusal: () => refusal,
    isOver: () => over,
    isRead: () => reading,
    says: (kind) => talking && (answering || kind !== "answer"),
    refuse,
    end,
    meet(action, frame) {
      switch (action._tag) {
        case "Cut":
          return end(action.end, `A fault has cut the transport at ${nameOf(frame)}.`)
        case "Close":
          return refuse(`A fault has closed the server's input at ${nameOf(frame)}.`)
        case "StopReading":
          reading = false
          return
        case "StopAnswering":
          answering = false
          return
        case "Silence":
          talking = false
          return
      }
    }
  }
}
