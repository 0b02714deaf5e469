import * as fc from "effect/FastCheck"

/** What happens next. The numbers choose among what there is at that moment, the newest first. */
export type Command =
  | { readonly _tag: "Start"; readonly thread: number; readonly whenActive: "wait" | "join" | "fail" }
  | { readonly _tag: "InterruptFiber"; readonly handle: number }
  | { readonly _tag: "CloseScope"; readonly handle: number }
  | { readonly _tag: "StopTurn"; readonly handle: number }
  | { readonly _tag: "Detach"; readonly handle: number }
  | { readonly _tag: "Subscribe"; readonly handle: number; readonly view: "events" | "textDeltas" | "items" }
  | { readonly _tag: "Watch"; readonly thread: number }
  | { readonly _tag: "Read"; readonly reader: number; readonly events: number }
  | { readonly _tag: "Unsubscribe"; readonly reader: number }
  | { readonly _tag: "Answer"; readonly request: number; readonly how: "accept" | "refuse" | "acceptAsOther" }
  | { readonly _tag: "ForeignTurn"; readonly thread: number }
  | { readonly _tag: "Event"; readonly turn: number; readonly kind: "started" | "delta" | "item" }
  | {
    readonly _tag: "Complete"
    readonly turn: number
    readonly status: "completed" | "interrupted" | "failed"
    /** Whether the server's word of it gets lost. */
    readonly lost: boolean
  }
  | { readonly _tag: "Status"; readonly thread: number; readonly status: "active" | "idle" }
  | { readonly _tag: "Ask"; readonly turn: number }
  | { readonly _tag: "AnswerQuestion"; readonly question: number }
  | { readonly _tag: "ResolveQuestion"; readonly question: number }
  | { readonly _tag: "Advance"; readonly millis: number }
  | { readonly _tag: "EndTransport" }

const recent = fc.nat({ max: 3 })
const thread = fc.nat({ max: 1 })

type Members<T extends Command["_tag"]> = Omit<Extract<Command, { readonly _tag: T }>, "_tag">

const command = <T extends Command["_tag"]>(
  _tag: T,
  members: { readonly [K in keyof Members<T>]: fc.Arbitrary<Members<T>[K]> }
) => fc.record({ _tag: fc.constant(_tag), ...members }, { noNullPrototype: true })

const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 12, arbitrary: command("Start", { thread, whenActive: fc.constantFrom("wait", "join", "fail") }) },
  {
    weight: 16,
    arbitrary: command("Answer", {
      request: recent,
      how: fc.constantFrom("accept", "accept", "accept", "refuse", "acceptAsOther")
    })
  },
  {
    weight: 20,
    arbitrary: command("Event", { turn: recent, kind: fc.constantFrom("started", "started", "delta", "delta", "item") })
  },
  {
    weight: 10,
    arbitrary: command("Complete", {
      turn: recent,
      status: fc.constantFrom("completed", "interrupted", "failed"),
      lost: fc.constantFrom(false, false, false, true)
    })
  },
  { weight: 4, arbitrary: command("InterruptFiber", { handle: recent }) },
  { weight: 4, arbitrary: command("CloseScope", { handle: recent }) },
  { weight: 3, arbitrary: command("StopTurn", { handle: recent }) },
  { weight: 2, arbitrary: command("Detach", { handle: recent }) },
  {
    weight: 8,
    arbitrary: command("Subscribe", { handle: recent, view: fc.constantFrom("events", "textDeltas", "items") })
  },
  { weight: 3, arbitrary: command("Watch", { thread }) },
  { weight: 6, arbitrary: command("Read", { reader: recent, events: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 3, arbitrary: command("Unsubscribe", { reader: recent }) },
  { weight: 4, arbitrary: command("ForeignTurn", { thread }) },
  { weight: 4, arbitrary: command("Status", { thread, status: fc.constantFrom("active", "idle", "idle") }) },
  { weight: 4, arbitrary: command("Ask", { turn: recent }) },
  { weight: 2, arbitrary: command("AnswerQuestion", { question: recent }) },
  { weight: 2, arbitrary: command("ResolveQuestion", { question: recent }) },
  { weight: 8, arbitrary: command("Advance", { millis: fc.constantFrom(20, 100, 1_000, 5_000, 60_000) }) },
  { weight: 1, arbitrary: command("EndTransport", {}) }
)

export const schedules: fc.Arbitrary<ReadonlyArray<Command>> = fc.array(anyCommand, {
  minLength: 1,
  maxLength: 40,
  // By default most would be a handful of commands long.
  size: "max"
})
