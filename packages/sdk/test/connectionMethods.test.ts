import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { promise } from "./support/env.js"

// What the real server asks public hosts for, and so is not shown on it. Everything else stands in real/.

describe("a request that the real server takes elsewhere", () => {
  promise("sends feedback", ({ appServer, server }) =>
    Effect.gen(function*() {
      const asking = yield* Effect.fork(
        appServer.request("feedback/upload", { classification: "bug", reason: "it stopped", includeLogs: false })
      )
      const { id, params } = yield* server.takeRequest("feedback/upload")
      assert.deepStrictEqual(params, { classification: "bug", reason: "it stopped", includeLogs: false })
      yield* server.respond(id, { threadId: "thread-1" })
      assert.deepStrictEqual(yield* asking, { threadId: "thread-1" })
    }))

  promise("installs a plugin", ({ appServer, server }) =>
    Effect.gen(function*() {
      const asking = yield* Effect.fork(
        appServer.request("plugin/install", { pluginName: "notes", remoteMarketplaceName: "public" })
      )
      const { id, params } = yield* server.takeRequest("plugin/install")
      assert.deepStrictEqual(params, { pluginName: "notes", remoteMarketplaceName: "public" })
      const answer = { appsNeedingAuth: [], authPolicy: "ON_USE" }
      yield* server.respond(id, answer)
      assert.deepStrictEqual(yield* asking, answer)
    }))

  promise("lists the apps, page by page", ({ appServer, server }) =>
    Effect.gen(function*() {
      const listing = yield* Effect.fork(Stream.runCollect(appServer.list("app/list", { limit: 1 })))
      const app = (name: string) => ({
        id: name,
        name,
        isAccessible: true,
        isEnabled: true
      })
      const first = yield* server.takeRequest("app/list")
      yield* server.respond(first.id, { data: [app("notes")], nextCursor: "1" })
      const second = yield* server.takeRequest("app/list")
      assert.deepStrictEqual(second.params, { limit: 1, cursor: "1" })
      yield* server.respond(second.id, { data: [app("mail")], nextCursor: null })
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* listing).map(({ name }) => name), ["notes", "mail"])
    }))

  promise("reads how much the account has used", ({ appServer, server }) =>
    Effect.gen(function*() {
      const asking = yield* Effect.fork(appServer.request("account/usage/read", undefined))
      const { id } = yield* server.takeRequest("account/usage/read")
      const summary = { lifetimeTokens: 12 }
      yield* server.respond(id, { summary })
      assert.deepInclude<object>(yield* asking, { summary })
    }))
})
