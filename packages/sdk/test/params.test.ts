import type * as Client from "@effect-codex/protocol/Client"
import * as AppServer from "@effect-codex/sdk/AppServer"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assertNothingHeld, connectExperimental, promise } from "./support/env.js"

const threadParams = (params: unknown) => params as Client.ThreadStartParams

describe("params", () => {
  promise("are sent with null members and without undefined ones", ({ appServer, server }) =>
    Effect.gen(function*() {
      yield* Effect.fork(appServer.request("thread/start", { model: null, cwd: undefined, ephemeral: true }))
      const { id, params } = yield* server.takeRequest("thread/start")
      assert.deepStrictEqual(params, { model: null, ephemeral: true })
      yield* server.fail(id, { code: -32600, message: "enough" })
    }))

  promise(
    "are sent well-formed: what is no Unicode is replaced, in keys as in values",
    ({ appServer, server }) =>
      Effect.gen(function*() {
        yield* Effect.fork(
          appServer.request("turn/start", {
            threadId: "t",
            input: [{ type: "text", text: "cut \ud83d here, whole 😀, back \udc00" }],
            outputSchema: { "\ud83d": ["\udc00"] }
          })
        )
        const { id, params } = yield* server.takeRequest("turn/start")
        assert.deepStrictEqual(params, {
          threadId: "t",
          input: [{ type: "text", text: "cut \ufffd here, whole 😀, back \ufffd" }],
          outputSchema: { "\ufffd": ["\ufffd"] }
        })
        yield* server.fail(id, { code: -32600, message: "enough" })
      })
  )

  promise(
    "of a method that the protocol does not have are refused like bad ones",
    ({ appServer, server }) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(appServer.request("no/such/method" as "account/read", {}))
        assert.strictEqual(error._tag, "InvalidParams")
        assert.deepStrictEqual(yield* server.takeAll, [])
      })
  )

  promise(
    "with members that this version does not know are sent as they are",
    ({ appServer, server }) =>
      Effect.gen(function*() {
        yield* Effect.fork(appServer.request("thread/start", threadParams({ ofTomorrow: { is: "here" } })))
        const { id, params } = yield* server.takeRequest("thread/start")
        assert.deepStrictEqual<unknown>(params, { ofTomorrow: { is: "here" } })
        yield* server.fail(id, { code: -32600, message: "enough" })
      })
  )

  promise(
    "that do not fit fail with InvalidParams, and nothing is sent",
    ({ appServer, server, thread }) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(appServer.request("thread/start", threadParams({ model: 5 })))
        assert(error._tag === "InvalidParams")
        assert.strictEqual(error.method, "thread/start")
        assert.include(error.issue, "model")
        const ofTurn = yield* Effect.flip(Effect.scoped(thread.startTurn({ type: "text", text: 5 } as never)))
        assert.strictEqual(ofTurn._tag, "InvalidParams")
        assert.deepStrictEqual(yield* server.takeAll, [])
      })
  )
})

describe("without the experimental API", () => {
  promise(
    "experimental fields are refused by name, and nothing is sent",
    ({ appServer, codex, server }) =>
      Effect.gen(function*() {
        const params: Client.ThreadStartParams = {
          dynamicTools: [{ type: "function", name: "tool", description: "", inputSchema: {} }]
        }
        const errors = [
          yield* Effect.flip(appServer.request("thread/start", params)),
          yield* Effect.flip(codex.startThread(params))
        ]
        for (const error of errors) {
          assert(error._tag === "ExperimentalApiRequired")
          assert.deepStrictEqual([error.method, error.fields], ["thread/start", ["dynamicTools"]])
        }
        assert.deepStrictEqual(yield* server.takeAll, [])
      })
  )

  promise(
    "experimental fields that are null or undefined ask for nothing, so they pass",
    ({ appServer, server }) =>
      Effect.gen(function*() {
        yield* Effect.fork(appServer.request("thread/start", { dynamicTools: null, environments: undefined }))
        const { id } = yield* server.takeRequest("thread/start")
        yield* server.fail(id, { code: -32600, message: "enough" })
      })
  )

  promise(
    "an experimental method is refused even where the compiler was told otherwise",
    ({ appServer, server }) =>
      Effect.gen(function*() {
        const error = yield* appServer.request("server/diagnostics", {}).pipe(
          Effect.provideService(AppServer.ExperimentalApi, { enabled: true }),
          Effect.flip
        )
        assert(error._tag === "ExperimentalApiRequired")
        assert.deepStrictEqual(error.fields, [])
        assert.deepStrictEqual(yield* server.takeAll, [])
      })
  )
})

describe("with the experimental API", () => {
  it.scoped("experimental fields are sent", () =>
    Effect.gen(function*() {
      const env = yield* connectExperimental()
      const dynamicTools = [{ type: "function", name: "tool", description: "", inputSchema: {} } as const]
      yield* Effect.fork(env.codex.startThread({ dynamicTools }))
      const { id, params } = yield* env.server.takeRequest("thread/start")
      assert.deepStrictEqual(params, { dynamicTools })
      yield* env.server.fail(id, { code: -32600, message: "enough" })
      yield* assertNothingHeld(env)
    }))
})
