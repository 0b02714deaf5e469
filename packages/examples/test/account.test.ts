import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { start } from "./support/child.js"
import * as Issuer from "./support/issuer.js"

const startAccount = (typedIn: boolean) =>
  Effect.gen(function*() {
    const { config, env } = yield* Issuer.serve(typedIn)
    const home = TemporaryCodexHome.layer(config).pipe(Layer.provide(ScriptedModel.layer(ScriptedModel.echo)))
    const { codexHome } = Context.get(yield* Layer.build(home), TemporaryCodexHome.TemporaryCodexHome)
    return yield* start("src/account.ts", { env: { ...env, CODEX_HOME: codexHome } })
  })

it.scopedLive("account says where to type in the code, and leaves nothing behind when it is stopped before that", () =>
  Effect.gen(function*() {
    const example = yield* startAccount(false)
    yield* example.printed("\n")
    assert.match(example.stdout(), /^Type in ABCD-1234 at http:\S+\n$/)
    yield* example.interrupt
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.deepStrictEqual(yield* example.processes, [])
  }))

it.scopedLive("account shows how much is used up once the code has been typed in, and ends", () =>
  Effect.gen(function*() {
    const example = yield* startAccount(true)
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.match(example.stdout(), /\n42 % is used up\.\n$/)
    assert.deepStrictEqual(yield* example.processes, [])
  }))
