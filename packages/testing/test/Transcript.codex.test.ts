import * as Approval from "@effect-codex/sdk/Approval"
import type { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import * as Command from "@effect-codex/sdk/Command"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as CodexTest from "../src/CodexTest.js"
import * as ScriptedModel from "../src/ScriptedModel.js"
import * as Transcript from "../src/Transcript.js"
import { temporaryFile } from "./transcripts.js"

/** Runs a program on the real app-server and records it, then twice without one, where it has to do and see the same. */
const twice = <A, E>(
  program: Effect.Effect<A, E, Codex.Codex | AppServer>,
  script: ScriptedModel.Script
) =>
  Effect.gen(function*() {
    const path = yield* temporaryFile
    const recorded = yield* program.pipe(Effect.provide(CodexTest.layer({ script, record: path })))
    const replayed = program.pipe(
      Effect.zipLeft(Effect.flatMap(Transcript.Replay, ({ finished }) => finished)),
      Effect.provide(CodexTest.layerReplay(path))
    )
    assert.deepStrictEqual(yield* replayed, recorded)
    assert.deepStrictEqual(yield* replayed, recorded)
    return { path, recorded }
  })

const inFull = (text: string) =>
  Effect.gen(function*() {
    const codex = yield* Codex.Codex
    const thread = yield* codex.startThread()
    return [...(yield* Stream.runCollect(thread.stream(text)))]
  })

const names = Array.from({ length: 8 }, (_, index) => `thread ${index}`)

describe("what was recorded on the real app-server, replayed without one", () => {
  it.scopedLive("a turn has the same events and the same result", () =>
    Effect.gen(function*() {
      const { recorded } = yield* twice(inFull("hi"), { hi: ScriptedModel.text(["Hel", "lo", "."]) })
      assert.deepStrictEqual(recorded.at(-1)?._tag, "TurnCompleted")
      assert.lengthOf(recorded.filter(({ _tag }) => _tag === "ItemAgentMessageDelta"), 3)
    }))

  it.scopedLive("eight threads at once have their own turns again", () =>
    Effect.gen(function*() {
      const { recorded } = yield* twice(
        Effect.gen(function*() {
          const codex = yield* Codex.Codex
          return yield* Effect.forEach(names, (name) =>
            Effect.gen(function*() {
              const thread = yield* codex.startThread({ developerInstructions: name })
              yield* thread.setName(name)
              const first = yield* thread.run(`first of ${name}`)
              const second = yield* thread.run(`second of ${name}`)
              return [first.finalResponse, second.finalResponse]
            }), { concurrency: "unbounded" })
        }),
        ({ userText }) => ScriptedModel.text(["You ", "said: ", userText])
      )
      assert.deepStrictEqual(recorded[7], ["You said: first of thread 7", "You said: second of thread 7"])
    }))

  it.scopedLive("the first of two turns that race is the one that was first", () =>
    Effect.gen(function*() {
      const { recorded } = yield* twice(
        Effect.gen(function*() {
          const codex = yield* Codex.Codex
          const [slow, quick] = yield* Effect.all([codex.startThread(), codex.startThread()])
          const { finalResponse } = yield* Effect.race(slow.run("slow"), quick.run("quick"))
          return finalResponse
        }),
        { slow: ScriptedModel.text(["I ", Effect.never]), quick: ScriptedModel.text("quick") }
      )
      assert.strictEqual(recorded, "quick")
    }))

  it.scopedLive("a turn that was interrupted is interrupted again", () =>
    Effect.gen(function*() {
      const { recorded } = yield* twice(
        Effect.gen(function*() {
          const codex = yield* Codex.Codex
          const thread = yield* codex.startThread()
          return yield* Effect.scoped(Effect.gen(function*() {
            const turn = yield* thread.startTurn("go on")
            yield* turn.textDeltas.pipe(Stream.take(1), Stream.runDrain)
            yield* turn.interrupt
            return yield* Effect.map(Effect.flip(turn.result), ({ _tag }) => _tag)
          }))
        }),
        { "go on": ScriptedModel.text(["on ", Effect.never]) }
      )
      assert.strictEqual(recorded, "TurnInterrupted")
    }))

  it.scopedLive("an approval is asked for again, and its answer taken", () =>
    Effect.gen(function*() {
      const { recorded } = yield* twice(
        Effect.gen(function*() {
          const codex = yield* Codex.Codex
          const thread = yield* codex.startThread({ approvalPolicy: "on-request", sandbox: "read-only" })
          const asked = yield* Ref.make<ReadonlyArray<string | null>>([])
          const { finalResponse, items } = yield* Effect.provide(
            thread.run("make it"),
            ServerRequests.layer({
              commandApproval: ({ command }) =>
                Effect.as(Ref.update(asked, (all) => [...all, command ?? null]), Approval.accept)
            })
          )
          return { asked: yield* Ref.get(asked), finalResponse, kinds: items.map(({ type }) => type) }
        }),
        ({ toolOutputs }) =>
          toolOutputs.length > 0 ? ScriptedModel.text("Made.") : ScriptedModel.toolCall({
            name: "exec_command",
            arguments: {
              cmd: "touch made",
              login: false,
              sandbox_permissions: "require_escalated",
              justification: "It has to be."
            }
          })
      )
      assert.lengthOf(recorded.asked, 1)
      assert.strictEqual(recorded.finalResponse, "Made.")
      assert.include(recorded.kinds, "commandExecution")
    }))

  it.scopedLive("a command has its output again, though its id is another each time", () =>
    Effect.gen(function*() {
      const { recorded } = yield* twice(
        Effect.scoped(Effect.gen(function*() {
          const { exitCode, stdout } = yield* Command.exec({ command: ["echo", "said"] })
          const output = yield* stdout.pipe(Stream.decodeText(), Stream.mkString)
          return [output, yield* exitCode]
        })),
        {}
      )
      assert.deepStrictEqual(recorded, ["said\n", 0])
    }))

  it.scoped("a deadline strikes by the TestClock, and nothing else takes time", () =>
    Effect.gen(function*() {
      const path = yield* temporaryFile
      const program = (started: Effect.Effect<unknown>) =>
        Effect.gen(function*() {
          const codex = yield* Codex.Codex
          const thread = yield* codex.startThread()
          yield* thread.run("hi")
          return yield* thread.stream("go on").pipe(
            Stream.tap(({ _tag }) => _tag === "ItemAgentMessageDelta" ? started : Effect.void),
            Stream.runDrain,
            Effect.timeoutOption("1 minute")
          )
        })
      const run = <E>(layer: Layer.Layer<Codex.Codex | Transcript.Replay, E> | Layer.Layer<Codex.Codex, E>) =>
        Effect.gen(function*() {
          const started = yield* Deferred.make<void>()
          const waiting = yield* Effect.fork(program(Deferred.succeed(started, undefined)))
          yield* Deferred.await(started)
          yield* TestClock.adjust("1 minute")
          assert.isTrue(Option.isNone(yield* Fiber.join(waiting)))
        }).pipe(Effect.provide(layer))
      yield* run(CodexTest.layer({
        record: path,
        script: { hi: ScriptedModel.text("hello"), "go on": ScriptedModel.text(["on ", Effect.never]) }
      }))
      yield* run(CodexTest.layerReplay(path))
    }))

  it.scopedLive("what the program sends otherwise ends the connection, and says where it differs", () =>
    Effect.gen(function*() {
      const { path } = yield* twice(inFull("hi"), { hi: ScriptedModel.text("hello") })
      const [error, unused] = yield* Effect.all([
        Effect.flip(inFull("hello")),
        Effect.flatMap(Transcript.Replay, ({ unused }) => unused)
      ])
        .pipe(Effect.provide(CodexTest.layerReplay(path)))
      assert(error._tag === "ConnectionClosed")
      assert(error.cause instanceof Transcript.TranscriptMismatch)
      const line = error.cause.line
      assert.strictEqual(
        error.message,
        [
          "The connection to the codex app-server is closed: reading from or writing to it failed, because: " +
          `The program sent turn/start otherwise than in line ${line} of ${path}:`,
          "  params.input[0].text",
          "    recorded: \"hi\"",
          "    sent:     \"hello\"",
          "If the program is meant to do so, record the transcript again."
        ].join("\n")
      )
      assert.deepStrictEqual(unused.map((frame) => frame.line), [line])
    }))
})
