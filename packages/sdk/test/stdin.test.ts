import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { promise, settle } from "./support/env.js"
import { base64, running } from "./support/processes.js"

describe("stdin", () => {
  promise(
    "is written piece by piece at the pace of the server, and closed at the end",
    (env) =>
      Effect.gen(function*() {
        const { command, exits } = yield* running(env, { streamStdin: true })
        const writing = yield* Stream.make("one", "two").pipe(
          Stream.encodeText,
          Stream.rechunk(1),
          Stream.run(command.stdin),
          Effect.fork
        )
        const first = yield* env.server.takeRequest("command/exec/write")
        assert.strictEqual(first.params.deltaBase64, base64("one"))
        yield* settle
        assert.deepStrictEqual(yield* env.server.takeAll, [])
        yield* TestClock.adjust("10 minutes")
        yield* env.server.respond(first.id, {})
        const second = yield* env.server.takeRequest("command/exec/write")
        assert.strictEqual(second.params.deltaBase64, base64("two"))
        yield* env.server.respond(second.id, {})
        const last = yield* env.server.takeRequest("command/exec/write")
        assert.isTrue(last.params.closeStdin)
        yield* env.server.respond(last.id, {})
        yield* writing
        yield* exits(0)
      })
  )

  promise("is written in frames of bounded size", (env) =>
    Effect.gen(function*() {
      const { command, exits } = yield* running(env, { streamStdin: true })
      const writing = yield* Stream.make(new Uint8Array(100_000)).pipe(Stream.run(command.stdin), Effect.fork)
      const lengths: Array<number> = []
      for (let i = 0; i < 3; i++) {
        const { id, params } = yield* env.server.takeRequest("command/exec/write")
        lengths.push(params.deltaBase64?.length ?? 0)
        yield* env.server.respond(id, {})
      }
      yield* writing
      assert.deepStrictEqual(lengths, [87_384, 45_952, 0])
      yield* exits(0)
    }))

  promise("stops quietly when the command ends before it has read everything", (env) =>
    Effect.gen(function*() {
      const { command, exits } = yield* running(env, { streamStdin: true })
      const writing = yield* Stream.repeatValue(new Uint8Array(10)).pipe(Stream.run(command.stdin), Effect.fork)
      const { id } = yield* env.server.takeRequest("command/exec/write")
      yield* env.server.fail(id, { code: -32600, message: "no longer running" })
      yield* exits(0)
      yield* writing
    }))

  promise("does not wait for the answer to a write when the command has ended", (env) =>
    Effect.gen(function*() {
      const { command, exits } = yield* running(env, { streamStdin: true })
      const writing = yield* Stream.never.pipe(
        Stream.prepend(Chunk.of(new Uint8Array(10))),
        Stream.run(command.stdin),
        Effect.fork
      )
      yield* env.server.takeRequest("command/exec/write")
      yield* exits(0)
      yield* writing
    }))

  promise("is so too where the writer cannot be interrupted", (env) =>
    Effect.gen(function*() {
      const { command, exits } = yield* running(env, { streamStdin: true })
      const writing = yield* Stream.make(new Uint8Array(10)).pipe(
        Stream.run(command.stdin),
        Effect.uninterruptible,
        Effect.fork
      )
      yield* env.server.takeRequest("command/exec/write")
      yield* exits(0)
      yield* writing
    }))

  promise("fails where the server refuses what is written", (env) =>
    Effect.gen(function*() {
      const { command, exits } = yield* running(env)
      const writing = yield* Stream.make(new Uint8Array(10)).pipe(Stream.run(command.stdin), Effect.flip, Effect.fork)
      const { id } = yield* env.server.takeRequest("command/exec/write")
      yield* env.server.fail(id, { code: -32600, message: "stdin streaming is not enabled" })
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* writing)._tag, "RequestFailed")
      yield* exits(0)
    }))
})
