/**
 * What can go wrong between a program and its app-server, on purpose: a layer over any `Transport` that loses, repeats,
 * delays, cuts and garbles frames, or ends the connection, at a frame that the test names or by a seed.
 *
 * A fault says in which direction it looks, at which frames it strikes, and what it does there:
 * `incoming(at(3), drop)`.
 *
 * @since 0.1.0
 */
import type { ClientNotifications } from "@effect-codex/protocol/ClientNotifications"
import type { ClientRequests } from "@effect-codex/protocol/ClientRequests"
import type { ServerNotifications } from "@effect-codex/protocol/ServerNotifications"
import type { ServerRequests } from "@effect-codex/protocol/ServerRequests"
import * as Transport from "@effect-codex/sdk/Transport"
import * as Context from "effect/Context"
import type * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as Layer from "effect/Layer"
import type { Predicate } from "effect/Predicate"
import * as internal from "./internal/faults.js"

/**
 * `incoming` frames are what the server says, `outgoing` ones what the program sends.
 *
 * @since 0.1.0
 * @category models
 */
export type Direction = "incoming" | "outgoing"

/**
 * One frame as it comes to the faults.
 *
 * @since 0.1.0
 * @category models
 */
export interface Frame {
  readonly direction: Direction
  /** Which frame of its direction it is; the first one is 1, and usually belongs to the handshake. */
  readonly index: number
  /** `noise` is what is no message: not JSON, or no JSON-RPC. */
  readonly kind: "request" | "notification" | "answer" | "noise"
  /** The method; that of an answer is the method of its request, where this is one of the latest 1,000. */
  readonly method: string | undefined
  /** The thread that the frame is about. An answer is about the thread in its result, else that of its request. */
  readonly threadId: string | undefined
  /** The turn that the frame is about, told in the same way. */
  readonly turnId: string | undefined
  /** The parsed JSON, `undefined` where the frame is none. */
  readonly message: unknown
  readonly text: string
}

/**
 * A method of the protocol, or any other.
 *
 * @since 0.1.0
 * @category models
 */
export type Method =
  | keyof ClientNotifications
  | keyof ClientRequests
  | keyof ServerNotifications
  | keyof ServerRequests
  | (string & {})

/**
 * At which frames a fault strikes. Only frames that `where` holds for are counted, or drawn for.
 *
 * @since 0.1.0
 * @category models
 */
export type Trigger = Data.TaggedEnum<{
  At: { readonly n: number; readonly where: Predicate<Frame> }
  Every: { readonly n: number; readonly where: Predicate<Frame> }
  Seeded: { readonly seed: number; readonly probability: number; readonly where: Predicate<Frame> }
}>

/**
 * What a fault does to the frame it strikes.
 *
 * @since 0.1.0
 * @category models
 */
export type FrameAction = Data.TaggedEnum<{
  Drop: {}
  Duplicate: {}
  Delay: { readonly duration: Duration.Duration }
  Reorder: { readonly behind: number; readonly within: Duration.Duration }
  Truncate: {}
  Noise: { readonly line: string }
}>

/**
 * What a fault does to the whole connection, from the frame it strikes on. That frame is the first to meet it, where it
 * is of the direction that is concerned.
 *
 * @since 0.1.0
 * @category models
 */
export type ConnectionAction = Data.TaggedEnum<{
  Cut: { readonly end: Transport.TransportEnd }
  Close: {}
  StopReading: {}
  StopAnswering: {}
  Silence: {}
}>

/**
 * @since 0.1.0
 * @category models
 */
export type Action = FrameAction | ConnectionAction

/**
 * @since 0.1.0
 * @category models
 */
export interface Fault {
  readonly direction: Direction
  readonly trigger: Trigger
  readonly action: Action
}

/**
 * That a fault struck, and where.
 *
 * @since 0.1.0
 * @category models
 */
export interface Strike {
  /** The place of the fault in the list that the layer was given, from 0. */
  readonly fault: number
  readonly action: Action["_tag"]
  readonly direction: Direction
  /** The `index` of the frame. */
  readonly index: number
  readonly kind: Frame["kind"]
  readonly method: string | undefined
}

/**
 * What the faults of a layer did. A test that depends on a fault asserts that it struck.
 *
 * @since 0.1.0
 * @category services
 */
export class Log extends Context.Tag("@effect-codex/testing/Faults/Log")<Log, {
  /** The latest 1,000 strikes, oldest first. */
  readonly strikes: Effect.Effect<ReadonlyArray<Strike>>
}>() {}

/**
 * A fault in what the server says.
 *
 * @since 0.1.0
 * @category constructors
 */
export const incoming = (trigger: Trigger, action: Action): Fault => ({ direction: "incoming", trigger, action })

/**
 * A fault in what the program sends.
 *
 * @since 0.1.0
 * @category constructors
 */
export const outgoing = (trigger: Trigger, action: Action): Fault => ({ direction: "outgoing", trigger, action })

/**
 * The `n`-th frame, from 1, of those that `where` holds for; without it, of all frames of the direction.
 *
 * @example
 * ```ts
 * import { Faults } from "@effect-codex/testing"
 *
 * // The third delta of an agent message gets lost.
 * const lost = Faults.incoming(Faults.at(3, Faults.method("item/agentMessage/delta")), Faults.drop)
 * ```
 *
 * @since 0.1.0
 * @category triggers
 */
export const at = (n: number, where: Predicate<Frame> = constTrue): Trigger => ({ _tag: "At", n, where })

/**
 * The `n`-th frame, the `2n`-th, and so on, of those that `where` holds for.
 *
 * @since 0.1.0
 * @category triggers
 */
export const every = (n: number, where: Predicate<Frame> = constTrue): Trigger => ({ _tag: "Every", n, where })

/**
 * Each frame that `where` holds for.
 *
 * @example
 * ```ts
 * import { Faults } from "@effect-codex/testing"
 *
 * // No request to start a turn is ever answered.
 * const unanswered = Faults.incoming(Faults.when(Faults.method("turn/start")), Faults.drop)
 * // From the hundredth frame on everything comes twice.
 * const repeated = Faults.incoming(Faults.when(({ index }) => index >= 100), Faults.duplicate)
 * ```
 *
 * @since 0.1.0
 * @category triggers
 */
export const when = (where: Predicate<Frame>): Trigger => every(1, where)

/**
 * Frames drawn by chance, each with the same `probability` from 0 to 1. The integer `seed` alone decides the draws, so
 * the same frames are struck whenever the same frames come. Faults of one seed draw alike: give each its own.
 *
 * @since 0.1.0
 * @category triggers
 */
export const seeded = (seed: number, probability: number, where: Predicate<Frame> = constTrue): Trigger => ({
  _tag: "Seeded",
  seed,
  probability,
  where
})

/**
 * Whether a frame is of the method. The direction tells a request from its answer: of `turn/start`, the request goes
 * out and the answer comes in.
 *
 * @since 0.1.0
 * @category predicates
 */
export const method = (name: Method): Predicate<Frame> => (frame) => frame.method === name

/**
 * The frame gets lost: a notification nobody hears of, an answer that never comes.
 *
 * @since 0.1.0
 * @category frame actions
 */
export const drop: Action = { _tag: "Drop" }

/**
 * The frame comes twice, one right after the other.
 *
 * @since 0.1.0
 * @category frame actions
 */
export const duplicate: Action = { _tag: "Duplicate" }

/**
 * The frame takes its time, by the `Clock` of the program, and all that follow it in its direction wait behind it: the
 * order stays as it is. Struck frames wait one after another, so `every(1)` makes a slow peer. An outgoing frame waits
 * in its `send`.
 *
 * @since 0.1.0
 * @category frame actions
 */
export const delay = (duration: Duration.DurationInput): Action => internal.delay(duration)

/**
 * The frame is held back until the next `behind` frames of other threads (default 1) have overtaken it, or `within`
 * (default 100 milliseconds) has passed.
 *
 * What belongs to one thread keeps its order: its turns, its own events, the answers to requests about it all wait
 * behind the held frame. So does what belongs to no thread, among itself. Only where threads stand to each other
 * changes, which is what a server that serves them at once may do. A thread runs one turn at a time, so those are also
 * the turns.
 *
 * @since 0.1.0
 * @category frame actions
 */
export const reorder = (options?: {
  readonly behind?: number | undefined
  readonly within?: Duration.DurationInput | undefined
}): Action => internal.reorder(options)

/**
 * Only the first half of the frame comes, which is no JSON any more.
 *
 * @since 0.1.0
 * @category frame actions
 */
export const truncate: Action = { _tag: "Truncate" }

/**
 * A line that is no message comes before the frame. Without a `line` it is not even JSON; `noise("{}")` is JSON that is
 * no JSON-RPC.
 *
 * @since 0.1.0
 * @category frame actions
 */
export const noise = (line = "effect-codex: this line is a fault, and not JSON"): Action => ({ _tag: "Noise", line })

/**
 * The transport ends: the frame does not come any more, `run` succeeds with `end` and every `send` fails. Without an
 * `end`, the other side has closed.
 *
 * @example
 * ```ts
 * import { Transport } from "@effect-codex/sdk"
 * import { Faults } from "@effect-codex/testing"
 *
 * const crash = Faults.incoming(
 *   Faults.at(1, Faults.method("item/agentMessage/delta")),
 *   Faults.cut(Transport.end("Exited", { exitCode: 101, stderrTail: "panicked" }))
 * )
 * ```
 *
 * @since 0.1.0
 * @category connection actions
 */
export const cut = (end: Transport.TransportEnd = Transport.end("EndOfStream")): Action => ({ _tag: "Cut", end })

/**
 * The server has closed its input: every `send` fails, what waits in one too. What the server says still comes in.
 *
 * @since 0.1.0
 * @category connection actions
 */
export const close: Action = { _tag: "Close" }

/**
 * The server reads nothing any more: every `send` waits until the transport ends.
 *
 * @since 0.1.0
 * @category connection actions
 */
export const stopReading: Action = { _tag: "StopReading" }

/**
 * The server answers nothing any more; what else it says still comes in.
 *
 * @since 0.1.0
 * @category connection actions
 */
export const stopAnswering: Action = { _tag: "StopAnswering" }

/**
 * The server says nothing any more.
 *
 * @since 0.1.0
 * @category connection actions
 */
export const silence: Action = { _tag: "Silence" }

/**
 * Puts faults over the transport of the context.
 *
 * Every fault sees every frame of its direction as it came to this layer, so that one does not shift the count of
 * another. Where several strike one frame they act in the order of the list, each on what those before it have left;
 * noise is no frame for them, and a frame that is lost meets only what concerns the whole connection.
 *
 * At most 1,000 incoming frames are held back; one more lets all of them go. Outgoing frames wait in their `send`, and of
 * those that others shall overtake at most 1,000 do. However the transport ends, what was held of what came in is handed
 * over first, without waiting; the end of the transport below always gets through. `send` fails once the Layer is closed.
 *
 * @example
 * ```ts
 * import { ProcessTransport } from "@effect-codex/node"
 * import { Codex } from "@effect-codex/sdk"
 * import { Faults } from "@effect-codex/testing"
 * import { Layer } from "effect"
 *
 * const CodexUnsound = Codex.layer.pipe(
 *   Layer.provideMerge(Faults.layer([
 *     Faults.incoming(Faults.seeded(1, 0.1), Faults.noise()),
 *     Faults.incoming(Faults.seeded(2, 0.1), Faults.reorder()),
 *     Faults.outgoing(Faults.every(1), Faults.delay("10 millis"))
 *   ])),
 *   Layer.provide(ProcessTransport.layer())
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  faults: ReadonlyArray<Fault>
): Layer.Layer<Transport.Transport | Log, never, Transport.Transport> =>
  Layer.scopedContext(
    Effect.map(
      Effect.flatMap(Transport.Transport, (inner) => internal.make(inner, faults)),
      ({ strikes, transport }) => Context.make(Transport.Transport, transport).pipe(Context.add(Log, { strikes }))
    )
  )
