import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, it, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import { assertIdle, codexTest, codexTestExperimental } from "./harness.js"
import * as Loopback from "./loopback.js"
import { from, promises } from "./releases.js"

const ask = ScriptedModel.toolCall({
  name: "request_user_input",
  arguments: {
    questions: [
      {
        id: "color",
        header: "Color",
        question: "Which color?",
        options: [{ label: "Red", description: "warm" }, { label: "Blue", description: "cool" }]
      },
      {
        id: "size",
        header: "Size",
        question: "Which size?",
        options: [{ label: "S", description: "small" }, { label: "L", description: "large" }]
      }
    ]
  }
})

const script = ({ toolOutputs, userText }: ScriptedModel.ModelRequest) =>
  userText === "ask me" && toolOutputs.length === 0 ? ask : ScriptedModel.text("All right.")

layer(codexTest({ script, config: { features: { default_mode_request_user_input: true } } }), {
  excludeTestServices: true
})("a question to the user", (it) => {
  it.effect("is answered by its handler, in the words of an option or in others", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedModel.ScriptedModel
      const codex = yield* Codex.Codex
      const thread = yield* codex.startThread()
      const seen = yield* Ref.make<ReadonlyArray<string>>([])
      yield* thread.run("ask me").pipe(
        Effect.provide(ServerRequests.layer({
          userInput: ({ questions }) =>
            Effect.as(
              Ref.set(seen, questions.flatMap(({ options }) => options?.map(({ label }) => label) ?? [])),
              { color: "Blue", size: ["L", "or a little less"] }
            )
        }))
      )
      const { toolOutputs } = yield* model.awaitRequest((request) => request.toolOutputs.length > 0)
      assert.deepStrictEqual(JSON.parse(toolOutputs[0]?.text ?? ""), {
        answers: { color: { answers: ["Blue"] }, size: { answers: ["L", "or a little less"] } }
      })
      assert.deepStrictEqual(yield* Ref.get(seen), ["Red", "Blue", "S", "L"])
      yield* assertIdle
    }))
})

const clock = ServerRequests.layer({
  currentTime: () => Effect.succeed(DateTime.unsafeMake("2001-09-09T01:46:40Z"))
})

const externalClock = {
  script: ScriptedModel.text("All right."),
  config: { features: { current_time_reminder: { enabled: true, clock_source: "external" } } }
}

layer(Layer.provide(codexTestExperimental({ ...externalClock, script }), clock), { excludeTestServices: true })(
  "the current time",
  (it) => {
    from(promises.currentTime, it.effect)(
      "is what the handler of the connection says, where the client owns the clock",
      () =>
        Effect.gen(function*() {
          const model = yield* ScriptedModel.ScriptedModel
          const codex = yield* Codex.Codex
          const thread = yield* codex.startThread()
          yield* thread.run("hi")
          const { body } = yield* model.awaitRequest()
          assert.include(JSON.stringify(body), "<current_date>2001-09-09</current_date>")
          yield* assertIdle
        })
    )
  }
)

layer(codexTestExperimental({ ...externalClock, script }), { excludeTestServices: true })(
  "a time that nobody tells",
  (it) => {
    from(promises.clientClock, it.effect)("fails the turn that needs it", () =>
      Effect.gen(function*() {
        const codex = yield* Codex.Codex
        const thread = yield* codex.startThread()
        const error = yield* Effect.flip(thread.run("hi"))
        assert(error._tag === "TurnFailed")
        assert.include(error.error.message, "currentTime/read")
        yield* assertIdle
      }))
  }
)

from(promises.tokenHosts, it.scopedLive)(
  "fresh tokens are asked of the handler when the old ones are refused, and used from then on",
  () =>
    Effect.gen(function*() {
      const bearers = yield* Queue.unbounded<string>()
      const { origin } = yield* Loopback.serve(({ authorization }) => {
        bearers.unsafeOffer(authorization ?? "")
        return Loopback.json({ error: { code: "token_expired" } }, 401)
      })
      const reasons = yield* Queue.unbounded<string>()
      // Signed by nobody either, and so as good as the first.
      const fresh = Loopback.accountToken.replace(/\.[^.]*$/, ".ZnJlc2g")
      const handlers = ServerRequests.layer({
        tokenRefresh: ({ previousAccountId, reason }) =>
          Effect.as(reasons.offer(`${reason} ${previousAccountId}`), {
            accessToken: Redacted.make(fresh),
            accountId: "account-1",
            planType: "pro"
          })
      })
      const { config, process } = Loopback.inPlaceOfHosts(origin)
      const signedIn = { ...config, model_providers: { scripted: { requires_openai_auth: true } } }
      const context = yield* Layer.build(
        Layer.provide(codexTestExperimental({ script, config: signedIn, process }), handlers)
      )
      const { request } = Context.get(context, AppServer)
      yield* request("account/login/start", {
        type: "chatgptAuthTokens",
        accessToken: Loopback.accountToken,
        chatgptAccountId: "account-1",
        chatgptPlanType: "pro"
      }).pipe(Effect.provide(context))
      const thread = yield* Context.get(context, Codex.Codex).startThread()
      yield* thread.run("hi")
      assert.strictEqual(yield* reasons.take, "unauthorized account-1")
      const used = yield* Effect.iterate("", {
        while: (bearer) => bearer !== `Bearer ${fresh}`,
        body: () => bearers.take
      })
      assert.strictEqual(used, `Bearer ${fresh}`)
    })
)
