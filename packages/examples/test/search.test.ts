import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { start } from "./support/child.js"

it.scopedLive("search prints the best match of what was typed last, and ends", () =>
  Effect.gen(function*() {
    const { codexHome } = yield* TemporaryCodexHome.TemporaryCodexHome
    const example = yield* start("src/search.ts", { env: { CODEX_HOME: codexHome } })
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.match(example.stdout(), /quickstart\.ts: \S*quickstart\S*\n$/)
    assert.deepStrictEqual(yield* example.processes, [])
  }).pipe(
    Effect.provide(Layer.provide(TemporaryCodexHome.layer(), ScriptedModel.layer(ScriptedModel.echo)))
  ))
