import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { start } from "./support/child.js"

it.scopedLive("files prints three changes of a file that grows, and ends", () =>
  Effect.gen(function*() {
    const { codexHome } = yield* TemporaryCodexHome.TemporaryCodexHome
    const example = yield* start("src/files.ts", { env: { CODEX_HOME: codexHome } })
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.match(example.stdout(), /^(lines: \d+\n){3}$/)
    assert.deepStrictEqual(yield* example.processes, [])
  }).pipe(
    Effect.provide(Layer.provide(TemporaryCodexHome.layer(), ScriptedModel.layer(ScriptedModel.echo)))
  ))
