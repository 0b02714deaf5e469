import { ServerRequests } from "@effect-codex/protocol/ServerRequests"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { promise, settle } from "./support/env.js"

/** What each question is answered with; where there is nothing that grants nothing, with a refusal. */
const expected: { readonly [Method in keyof ServerRequests]: unknown } = {
  "item/commandExecution/requestApproval": { decision: "decline" },
  "item/fileChange/requestApproval": { decision: "decline" },
  "item/tool/requestUserInput": { answers: {} },
  "mcpServer/elicitation/request": { action: "decline" },
  "item/permissions/requestApproval": { permissions: {} },
  "item/tool/call": {
    contentItems: [{ type: "inputText", text: "This client does not provide the tool." }],
    success: false
  },
  "account/chatgptAuthTokens/refresh": undefined,
  "attestation/generate": undefined,
  "currentTime/read": undefined,
  applyPatchApproval: { decision: { denied: { rejection: "This client approves nothing." } } },
  execCommandApproval: { decision: { denied: { rejection: "This client approves nothing." } } }
}

describe("a question of the server", () => {
  for (const { method, result: schema } of Object.values(ServerRequests)) {
    promise(
      `${method} is answered with what grants nothing, in the form of its kind`,
      ({ server }) =>
        Effect.gen(function*() {
          yield* server.send({ id: 0, method, params: {} })
          const answer = yield* server.take
          const result = expected[method]
          if (result === undefined) {
            assert.deepStrictEqual<unknown>(answer, {
              id: 0,
              error: { code: -32601, message: `This client does not answer ${method}.` }
            })
          } else {
            assert.deepStrictEqual<unknown>(answer, { id: 0, result })
            const decoded = Schema.decodeUnknownEither(Schema.make(schema.ast))(result)
            assert.isTrue(Either.isRight(decoded))
          }
        })
    )
  }

  promise(
    "of a kind that this version does not know is refused as such, under its own id",
    ({ server }) =>
      Effect.gen(function*() {
        for (const id of [7, "seven"]) {
          for (const method of ["item/tomorrow/ask", "toString"]) {
            yield* server.send({ id, method, params: null })
            assert.deepStrictEqual<unknown>(yield* server.take, {
              id,
              error: { code: -32601, message: `This client does not answer ${method}.` }
            })
          }
        }
      })
  )

  promise(
    "is not taken for an answer, though both count their ids from the same numbers",
    ({ appServer, server }) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(appServer.request("model/list", {}))
        const { id } = yield* server.takeRequest("model/list")
        yield* server.request(id, "currentTime/read", { threadId: "t" })
        assert.strictEqual((yield* server.take).id, id)
        yield* server.respond(id, { data: [], nextCursor: null })
        yield* fiber
      })
  )

  promise("that was resolved elsewhere is not answered any more", ({ appServer, server }) =>
    Effect.gen(function*() {
      yield* server.pause
      yield* server.send({ id: 1, method: "item/tool/requestUserInput", params: {} })
      yield* server.send({ id: "two", method: "item/tool/requestUserInput", params: {} })
      yield* settle
      assert.strictEqual((yield* appServer.stats).serverRequests, 2)
      yield* server.notify("serverRequest/resolved", { threadId: "t", requestId: 1 })
      yield* settle
      assert.strictEqual((yield* appServer.stats).serverRequests, 1)
      yield* server.resume
      yield* settle
      assert.deepStrictEqual((yield* server.takeAll).map(({ id }) => id), ["two"])
    }))

  promise("whose answer is not taken in is given up in the end", ({ appServer, server }) =>
    Effect.gen(function*() {
      yield* server.pause
      yield* server.send({ id: 1, method: "item/tool/requestUserInput", params: {} })
      yield* TestClock.adjust("60 seconds")
      assert.strictEqual((yield* appServer.stats).serverRequests, 0)
    }))
})
