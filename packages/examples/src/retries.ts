/**
 * A turn that may fail or take too long, and is tried again where that can help: after a timeout, which has stopped it on
 * the server, and where the model is overloaded, each time after a longer pause. Everything else fails at once.
 */
import { Codex, type CodexError } from "@effect-codex/sdk"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import type { TimeoutException } from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

const isPassing = (error: CodexError.CodexError | TimeoutException) =>
  error._tag === "TimeoutException" ||
  (error._tag === "TurnFailed" && error.error.codexErrorInfo === "serverOverloaded")

const attempts = Schedule.exponential("100 millis").pipe(Schedule.jittered, Schedule.intersect(Schedule.recurs(4)))

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex

  const ask = (question: string) =>
    // A thread of its own each time, since a thread remembers what was asked and broken off.
    codex.startThread({ sandbox: "read-only" }).pipe(
      Effect.flatMap((thread) => Effect.timeout(thread.run(question), "2 seconds")),
      Effect.tapError(({ _tag, message }) => Console.log(`${_tag}: ${message.replace(/[\w-]{36}/, "…")}`)),
      Effect.retry({ schedule: attempts, while: isPassing })
    )

  const { finalResponse } = yield* ask("How deep is the lake?")
  yield* Console.log(finalResponse)

  yield* ask("How deep is the sea?").pipe(Effect.catchTag("TurnFailed", () => Console.log("Not tried again.")))
})

// Without a script it would be `NodeCodex.layer()`.
const script: ScriptedModel.Script = [
  ScriptedModel.text(["Wait ", "a ", "moment", ScriptedModel.hang]),
  ScriptedModel.fail({ code: "server_is_overloaded", message: "Busy." }),
  ScriptedModel.text("Twelve metres."),
  ScriptedModel.fail({ message: "Nobody knows." })
]

program.pipe(Effect.provide(CodexTest.layer({ script })), NodeRuntime.runMain)
