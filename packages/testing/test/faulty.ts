import * as Transport from "@effect-codex/sdk/Transport"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as Faults from "../src/Faults.js"
import * as MemoryTransport from "../src/MemoryTransport.js"

export const settle = TestClock.adjust(0)

/** Both ends of a transport with faults between them. */
export const over = (...faults: ReadonlyArray<Faults.Fault>) =>
  Effect.map(
    Layer.build(Layer.provideMerge(Faults.layer(faults), MemoryTransport.layerPair)),
    (context) => ({
      transport: Context.get(context, Transport.Transport),
      server: Context.get(context, MemoryTransport.Server),
      strikes: Context.get(context, Faults.Log).strikes
    })
  )

/** The same with the client's end running, and the chunks that it was given. */
export const running = (...faults: ReadonlyArray<Faults.Fault>) =>
  Effect.gen(function*() {
    const ends = yield* over(...faults)
    const chunks: Array<ReadonlyArray<string>> = []
    const run = yield* Effect.fork(ends.transport.run((frames) => {
      chunks.push(frames)
    }))
    yield* settle
    return { ...ends, chunks, lines: () => chunks.flat(), run }
  })

/** A frame about a thread, with a mark to tell it by. */
export const of = (threadId: string, mark: string): string =>
  JSON.stringify({ method: "some/event", params: { threadId, mark } })

/** How an effect has come out so far: what it failed with, by reason. */
export const outcome = <A>(fiber: Fiber.RuntimeFiber<A, { readonly reason: string }>) =>
  Effect.flatMap(Fiber.poll(fiber), (exit) =>
    Option.isNone(exit)
      ? Effect.succeed("waits")
      : Effect.match(exit.value, { onFailure: ({ reason }) => reason, onSuccess: () => "done" }))
