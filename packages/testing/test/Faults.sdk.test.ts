import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import * as Transport from "@effect-codex/sdk/Transport"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as CodexTest from "../src/CodexTest.js"
import * as Faults from "../src/Faults.js"
import * as ScriptedModel from "../src/ScriptedModel.js"

/** More of them are run by `npm run nightly`. */
const seeds = Number(process.env["FAULTS_SEEDS"] ?? 25)

const onMemory = (...faults: ReadonlyArray<Faults.Fault>) =>
  Effect.provide(CodexTest.layerMemory({
    script: ({ userText }) => ScriptedModel.text(["You ", "said ", userText], { delay: "10 millis" }),
    faults
  }))

const run = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const thread = yield* codex.startThread()
  return yield* thread.run("hi")
})

/** Lets time pass until the effect has ended. */
const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    for (let i = 0; i < 200 && Option.isNone(yield* Fiber.poll(fiber)); i++) {
      yield* TestClock.adjust("1 second")
    }
    assert.isTrue(Option.isSome(yield* Fiber.poll(fiber)), "still running after 200 seconds")
    return yield* fiber
  })

/** The effect on a faulty connection, which is built in its time too. */
const faulty =
  <A, E>(effect: Effect.Effect<A, E, Codex.Codex | AppServer | Faults.Log>) =>
  (...faults: ReadonlyArray<Faults.Fault>) => inTime(Effect.flip(onMemory(...faults)(effect)))

describe("the SDK on a server in memory", () => {
  it.scoped("ends a turn that is cut in its middle with how the transport ended", () =>
    Effect.gen(function*() {
      const error = yield* faulty(run)(
        Faults.incoming(
          Faults.at(2, Faults.method("item/agentMessage/delta")),
          Faults.cut(Transport.end("Exited", { exitCode: 101, stderrTail: "panicked" }))
        )
      )
      assert(error._tag === "ConnectionClosed")
      assert.deepStrictEqual([error.reason, error.exitCode, error.stderrTail], ["Exited", 101, "panicked"])
    }))

  it.scoped("gives up at its deadline where the answer is lost, nobody reads, or nobody speaks", () =>
    Effect.gen(function*() {
      const turnStart = Faults.method("turn/start")
      for (
        const fault of [
          Faults.incoming(Faults.when(turnStart), Faults.drop),
          Faults.outgoing(Faults.at(1, turnStart), Faults.drop),
          Faults.outgoing(Faults.at(1, turnStart), Faults.truncate),
          Faults.outgoing(Faults.at(1, turnStart), Faults.stopReading),
          Faults.outgoing(Faults.at(1, turnStart), Faults.stopAnswering),
          Faults.outgoing(Faults.at(1, turnStart), Faults.silence)
        ]
      ) {
        const error = yield* faulty(run)(fault)
        assert.strictEqual(error._tag, "RequestTimeout", fault.action._tag)
      }
    }))

  it.scoped("closes the connection where the server has closed its input", () =>
    Effect.gen(function*() {
      const error = yield* faulty(run)(Faults.outgoing(Faults.at(1, Faults.method("turn/start")), Faults.close))
      assert(error._tag === "ConnectionClosed")
      assert.strictEqual(error.reason, "Failed")
    }))

  it.scoped("cannot open where the server never says anything", () =>
    Effect.gen(function*() {
      const error = yield* faulty(run)(Faults.incoming(Faults.at(1), Faults.silence))
      assert.strictEqual(error._tag, "RequestTimeout")
    }))

  it.scoped(
    "runs turns at once through whatever loses nothing, by any seed, and holds nothing afterwards",
    () =>
      Effect.forEach(Array.from({ length: seeds }, (_, i) => i * 10), (seed) =>
        Effect.gen(function*() {
          const codex = yield* Codex.Codex
          const appServer = yield* AppServer
          const texts = ["one", "two", "three", "four"]
          const results = yield* Effect.forEach(
            texts,
            (text) => Effect.flatMap(codex.startThread(), (thread) => thread.run(text)),
            { concurrency: "unbounded" }
          )
          assert.deepStrictEqual(
            results.map(({ finalResponse }) => finalResponse),
            texts.map((text) => `You said ${text}`),
            `seed ${seed}: ${JSON.stringify(yield* Effect.flatMap(Faults.Log, ({ strikes }) => strikes))}`
          )
          const { noise, operations, pendingRequests, threads, turns } = yield* appServer.stats
          assert.isAbove(noise, 0)
          assert.deepStrictEqual([operations, pendingRequests, threads, turns], [0, 0, 0, 0])
        }).pipe(
          onMemory(
            Faults.incoming(Faults.seeded(seed, 0.2), Faults.noise()),
            Faults.incoming(Faults.seeded(seed + 1, 0.2), Faults.noise("{}")),
            Faults.incoming(Faults.seeded(seed + 2, 0.2), Faults.reorder({ behind: 3 })),
            Faults.incoming(Faults.seeded(seed + 3, 0.1), Faults.delay("50 millis")),
            Faults.incoming(Faults.seeded(seed + 4, 0.2, ({ kind }) => kind === "answer"), Faults.duplicate),
            Faults.incoming(Faults.seeded(seed + 5, 0.2, Faults.method("turn/completed")), Faults.duplicate),
            Faults.outgoing(Faults.seeded(seed + 6, 0.2), Faults.noise()),
            Faults.outgoing(Faults.seeded(seed + 7, 0.2), Faults.delay("20 millis")),
            Faults.outgoing(Faults.seeded(seed + 8, 0.2), Faults.reorder())
          ),
          inTime
        ), { discard: true }),
    30_000 + 2_000 * seeds
  )
})
