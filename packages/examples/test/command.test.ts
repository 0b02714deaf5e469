import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { start } from "./support/child.js"

it.scopedLive("command prints what the command makes of its input, and ends", () =>
  Effect.gen(function*() {
    const { codexHome } = yield* TemporaryCodexHome.TemporaryCodexHome
    const example = yield* start("src/command.ts", { env: { CODEX_HOME: codexHome } })
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.strictEqual(example.stdout(), "sorted: apple\nsorted: fig\nsorted: pear\nexit code: 0\n")
    assert.deepStrictEqual(yield* example.processes, [])
  }).pipe(
    Effect.provide(Layer.provide(TemporaryCodexHome.layer(), ScriptedModel.layer(ScriptedModel.echo)))
  ))
