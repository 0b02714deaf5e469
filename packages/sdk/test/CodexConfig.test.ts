import * as CodexConfig from "@effect-codex/sdk/CodexConfig"
import { assert, it } from "@effect/vitest"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import manifest from "../package.json" with { type: "json" }

it("the default client version is the version of the package", () => {
  assert.strictEqual(CodexConfig.defaults.clientVersion, manifest.version)
})

it.effect("layerConfig takes what is given from the program's Config, and the defaults for the rest", () =>
  Effect.gen(function*() {
    const { clientName, eventCapacity } = yield* CodexConfig.CodexConfig
    assert.strictEqual(eventCapacity, 7)
    assert.strictEqual(clientName, CodexConfig.defaults.clientName)
  }).pipe(
    Effect.provide(CodexConfig.layerConfig({ eventCapacity: Config.integer("CAPACITY") })),
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["CAPACITY", "7"]])))
  ))

it.effect("is the defaults where a program provides none", () =>
  Effect.map(CodexConfig.CodexConfig, (config) => assert.deepStrictEqual(config, CodexConfig.defaults)))
