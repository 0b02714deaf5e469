import * as Account from "@effect-codex/sdk/Account"
import { AppServer, ExperimentalApi } from "@effect-codex/sdk/AppServer"
import type { RequestError } from "@effect-codex/sdk/CodexError"
import { assert, describe } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as Tracer from "effect/Tracer"
import { inspect } from "node:util"
import { type Env, promise } from "./support/env.js"

const secret = "sk-planted-7f3a"

const key = Redacted.make(secret)

type Login = Effect.Effect<void, RequestError, AppServer | ExperimentalApi>

const logins: { readonly [name: string]: Login } = {
  apiKey: Account.loginApiKey(key),
  tokens: Account.loginTokens({ accessToken: key, chatgptAccountId: "account-1" }),
  bedrockKey: Account.loginBedrock({ apiKey: key, region: "eu-west-1" }),
  bedrockAccessKeys: Account.loginBedrock({
    accessKeyId: "AKIA",
    secretAccessKey: key,
    sessionToken: key,
    region: "eu-west-1"
  })
}

/** What a program that logs and traces everything would see of an effect. */
const everythingEmitted = <E>(self: Effect.Effect<void, E>) =>
  Effect.gen(function*() {
    const seen: Array<unknown> = []
    const logger = Logger.make((entry) => seen.push(entry.message, Cause.pretty(entry.cause), entry.annotations))
    const tracer = Tracer.make({
      span: (name, parent, context, links, startTime, kind) => {
        const attributes = new Map<string, unknown>()
        const span: Tracer.Span = {
          _tag: "Span",
          spanId: "1",
          traceId: "1",
          sampled: true,
          status: { _tag: "Started", startTime },
          name,
          parent,
          context,
          links,
          kind,
          attributes,
          end: (_, exit) => seen.push(name, attributes, exit),
          attribute: (name, value) => attributes.set(name, value),
          event: (name, _, attributes) => seen.push(name, attributes),
          addLinks: () => {}
        }
        return span
      },
      context: (run) => run()
    })
    const exit = yield* self.pipe(
      Effect.withSpan("everything"),
      Effect.exit,
      Effect.withTracer(tracer),
      Effect.provide(Layer.merge(Logger.replace(Logger.defaultLogger, logger), Logger.minimumLogLevel(LogLevel.All)))
    )
    if (Exit.isFailure(exit)) {
      const error = Cause.squash(exit.cause)
      seen.push(Cause.pretty(exit.cause), error, String(error), JSON.stringify(error), JSON.stringify(exit))
    }
    return { exit, text: seen.map((value) => inspect(value, { depth: null, showHidden: true })).join("\n") }
  })

const loggingIn = ({ appServer }: Env, login: Login) =>
  Effect.fork(everythingEmitted(Effect.provide(
    login,
    Context.make(AppServer, appServer).pipe(Context.add(ExperimentalApi, { enabled: true }))
  )))

/** Logs in by each way, with the server doing the same each time. */
const eachWay = (
  env: Env,
  serve: (env: Env, requestId: number) => Effect.Effect<unknown>,
  expected: "Success" | RequestError["_tag"]
) =>
  Effect.forEach(Object.entries(logins), ([name, login]) =>
    Effect.gen(function*() {
      const emitting = yield* loggingIn(env, login)
      const { id, params } = yield* env.server.takeRequest("account/login/start")
      // It does reach the server.
      assert.include(JSON.stringify(params), secret)
      yield* serve(env, id)
      const { exit, text } = yield* emitting
      const outcome = Exit.match(exit, {
        onSuccess: () => "Success",
        onFailure: (cause) => Option.getOrThrow(Cause.failureOption(cause))._tag
      })
      assert.deepStrictEqual([name, outcome], [name, expected])
      assert.include(text, "everything")
      assert.notInclude(text, secret)
    }), { discard: true })

describe("a key or token", () => {
  promise(
    "appears nowhere when the server takes it",
    (env) => eachWay(env, ({ server }, id) => server.respond(id, { type: "apiKey" }), "Success"),
    { experimentalApi: true }
  )

  promise(
    "appears nowhere when the server refuses it",
    (env) =>
      eachWay(env, ({ server }, id) => server.fail(id, { code: -32600, message: "not this one" }), "RequestFailed"),
    { experimentalApi: true }
  )

  promise(
    "appears nowhere when the server does not answer",
    (env) => eachWay(env, () => TestClock.adjust("60 seconds"), "RequestTimeout"),
    { experimentalApi: true }
  )

  promise(
    "appears nowhere when the answer does not decode",
    (env) => eachWay(env, ({ server }, id) => server.respond(id, { type: 5 }), "UndecodableResult"),
    { experimentalApi: true }
  )

  promise(
    "appears nowhere when what stands beside it is wrong",
    (env) =>
      Effect.gen(function*() {
        // What a program without types would pass.
        const notText = JSON.parse("5")
        const wrong: ReadonlyArray<Login> = [
          Account.loginTokens({ accessToken: key, chatgptAccountId: notText }),
          Account.loginBedrock({ apiKey: key, region: notText }),
          Account.loginBedrock({ accessKeyId: "AKIA", secretAccessKey: key, region: notText })
        ]
        for (const login of wrong) {
          const { exit, text } = yield* Effect.flatten(loggingIn(env, login))
          assert.isTrue(Exit.isFailure(exit))
          assert.include(text, "InvalidParams")
          assert.notInclude(text, secret)
        }
      }),
    { experimentalApi: true }
  )
})
