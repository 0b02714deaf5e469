import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { start } from "./support/child.js"

it.scopedLive("hello prints the final answer, and ends", () =>
  Effect.gen(function*() {
    const { codexHome } = yield* TemporaryCodexHome.TemporaryCodexHome
    const example = yield* start("src/hello.ts", { env: { CODEX_HOME: codexHome } })
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.strictEqual(example.stdout(), "Hello there.\n")
    assert.deepStrictEqual(yield* example.processes, [])
  }).pipe(
    Effect.provide(
      TemporaryCodexHome.layer().pipe(
        Layer.provideMerge(ScriptedModel.layer({ "Say hello.": ScriptedModel.text(["Hello ", "there."]) }))
      )
    )
  ))
