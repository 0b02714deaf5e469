import { AppServer } from "@effect-codex/sdk/AppServer"
import { TemporaryCodexHome } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs/promises"
import { assertIdle, codexTest } from "./harness.js"
import { from, promises } from "./releases.js"

const folders = TemporaryCodexHome.TemporaryCodexHome

const skill = `---
name: greet
description: Greets people.
---
Say hello.
`

const withHook = codexTest({
  config: {
    feedback: { enabled: false },
    hooks: { Stop: [{ hooks: [{ type: "command", command: "true" }] }] }
  }
})

layer(withHook, { excludeTestServices: true })("the connection's own methods", (it) => {
  it.effect("list the models, page by page", () =>
    Effect.gen(function*() {
      const { list } = yield* AppServer
      const models = Chunk.toReadonlyArray(yield* Stream.runCollect(list("model/list", { limit: 2 })))
      assert.isAbove(models.length, 2)
      assert.strictEqual(new Set(models.map(({ id }) => id)).size, models.length)
      yield* assertIdle
    }))

  from(promises.modelProviders, it.effect)(
    "list the model providers, and say what the current one can do",
    () =>
      Effect.gen(function*() {
        const { request } = yield* AppServer
        const { data } = yield* request("modelProvider/list", {})
        assert.includeMembers(data.map(({ id }) => id), ["scripted", "openai"])
        const capabilities = yield* request("modelProvider/capabilities/read", {})
        assert.isBoolean(capabilities.webSearch)
        yield* assertIdle
      })
  )

  it.effect("write the configuration and read it back", () =>
    Effect.gen(function*() {
      const { request } = yield* AppServer
      const { cwd } = yield* folders
      const written = yield* request("config/value/write", {
        keyPath: "model_reasoning_effort",
        value: "high",
        mergeStrategy: "replace"
      })
      assert.strictEqual(written.status, "ok")
      yield* request("config/batchWrite", {
        edits: [{ keyPath: "model_verbosity", value: "low", mergeStrategy: "replace" }]
      })
      const { config } = yield* request("config/read", { includeLayers: false, cwd })
      assert.deepInclude(config, { model_reasoning_effort: "high", model_verbosity: "low" })
      const outdated = yield* Effect.flip(request("config/value/write", {
        keyPath: "model_verbosity",
        value: "high",
        mergeStrategy: "replace",
        expectedVersion: written.version
      }))
      assert.strictEqual(outdated._tag, "RequestFailed")
      yield* request("configRequirements/read", undefined)
      yield* assertIdle
    }))

  it.effect("list the skills of a folder, and switch one off", () =>
    Effect.gen(function*() {
      const { request } = yield* AppServer
      const { codexHome, cwd } = yield* folders
      const path = `${codexHome}/skills/greet/SKILL.md`
      yield* Effect.promise(() => Fs.mkdir(`${codexHome}/skills/greet`, { recursive: true }))
      yield* Effect.promise(() => Fs.writeFile(path, skill))
      const greet = Effect.map(
        request("skills/list", { cwds: [cwd], forceReload: true }),
        ({ data }) => data.flatMap(({ skills }) => skills).find(({ name }) => name === "greet")
      )
      assert.deepInclude(yield* greet, { description: "Greets people.", enabled: true })
      assert.isFalse((yield* request("skills/config/write", { path, enabled: false })).effectiveEnabled)
      assert.deepInclude(yield* greet, { enabled: false })
      yield* assertIdle
    }))

  it.effect("list the hooks of a folder", () =>
    Effect.gen(function*() {
      const { request } = yield* AppServer
      const { cwd } = yield* folders
      const { data } = yield* request("hooks/list", { cwds: [cwd] })
      const commands = data.flatMap(({ hooks }) => hooks).map((hook) =>
        hook.handlerType === "command" ? [hook.eventName, hook.command] : hook.handlerType
      )
      assert.deepStrictEqual(commands, [["stop", "true"]])
      yield* assertIdle
    }))

  // There are none without an account or a network.
  from(promises.plugins, it.effect)("list plugins, marketplaces and apps", () =>
    Effect.gen(function*() {
      const { list, request } = yield* AppServer
      const { cwd } = yield* folders
      assert.deepInclude(yield* request("plugin/list", { cwds: [cwd] }), {
        marketplaces: [],
        marketplaceLoadErrors: []
      })
      assert.deepInclude(yield* request("plugin/installed", {}), { marketplaces: [] })
      const noManifest = yield* Effect.flip(request("marketplace/add", { source: cwd }))
      assert.strictEqual(noManifest._tag, "RequestFailed")
      assert.isTrue(Chunk.isEmpty(yield* Stream.runCollect(list("app/list", {}))))
      yield* assertIdle
    }))

  from(promises.permissionProfiles, it.effect)(
    "list the permission profiles and the features that are experiments",
    () =>
      Effect.gen(function*() {
        const { list } = yield* AppServer
        const { cwd } = yield* folders
        const profiles = yield* Stream.runCollect(list("permissionProfile/list", { cwd }))
        assert.includeMembers(Chunk.toReadonlyArray(profiles).map(({ id }) => id), [":read-only", ":workspace"])
        const features = yield* Stream.runCollect(list("experimentalFeature/list", { limit: 10 }))
        assert.isAbove(Chunk.size(features), 10)
        yield* assertIdle
      })
  )

  it.effect("send no feedback where the configuration says not to", () =>
    Effect.gen(function*() {
      const { request } = yield* AppServer
      const error = yield* Effect.flip(request("feedback/upload", { classification: "bug", includeLogs: false }))
      assert.strictEqual(error._tag, "RequestFailed")
      assert.include(error.message, "disabled")
      yield* assertIdle
    }))

  from(promises.feedback, it.effect)("save feedback to a file", () =>
    Effect.gen(function*() {
      const { request } = yield* AppServer
      const { cwd } = yield* folders
      const savePath = `${cwd}/feedback.zip`
      const { savedPath } = yield* request("feedback/save", { classification: "bug", savePath })
      assert.strictEqual(savedPath, savePath)
      assert.isAbove((yield* Effect.promise(() => Fs.stat(savePath))).size, 0)
      yield* assertIdle
    }))

  from(promises.accountUsage, it.effect)("tell that nobody is logged in", () =>
    Effect.gen(function*() {
      const { request } = yield* AppServer
      assert.isNull((yield* request("account/read", {})).account)
      assert.strictEqual((yield* Effect.flip(request("account/usage/read", undefined)))._tag, "RequestFailed")
      yield* assertIdle
    }))
})
