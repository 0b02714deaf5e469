import * as Account from "@effect-codex/sdk/Account"
import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Stdio } from "../Stdio.js"
import * as AccountText from "./accountText.js"
import { Ended, exitCode, Failure, usage } from "./failure.js"
import * as Format from "./format.js"
import type { ServerOptions } from "./options.js"
import * as Prompt from "./prompt.js"
import * as Session from "./session.js"

/** @internal */
export interface LoginOptions extends ServerOptions {
  readonly device: boolean
  readonly apiKey: boolean
}

const patience = Duration.minutes(15)

const inTime = <E, R>(completed: Effect.Effect<void, E, R>) =>
  Effect.timeoutFail(completed, {
    duration: patience,
    onTimeout: () =>
      new Failure({
        what: `Nobody has logged in within ${Duration.format(patience)}; the login was taken back.`,
        fix: "Run `effect-codex login` again.",
        code: exitCode.failed
      })
  })

/**
 * Logs in, by a browser, by a code or by a key.
 *
 * @internal
 */
export const login = (options: LoginOptions) =>
  Effect.gen(function*() {
    const { env, stderr } = yield* Stdio
    const style = Format.styleOf(stderr.isTTY, env)
    if (options.device && options.apiKey) {
      return yield* usage("--device and --api-key are two ways to log in: give one.")
    }
    if (options.apiKey) {
      const key = yield* readKey
      yield* Effect.provide(Account.loginApiKey(key), Session.codex(options))
      return yield* stderr.write(
        `${style.green("✓")} logged in with an API key; codex has not asked whether it is valid\n`
      )
    }
    yield* Effect.gen(function*() {
      if (options.device) {
        const { completed, userCode, verificationUrl } = yield* Account.loginDevice
        yield* stderr.write(
          `Type in ${style.bold(Format.oneLine(userCode))} at ${style.cyan(Format.oneLine(verificationUrl))}\n${
            style.dim("Waiting; Ctrl-C takes it back.")
          }\n`
        )
        yield* inTime(completed)
      } else {
        const { authUrl, completed } = yield* Account.loginBrowser()
        yield* stderr.write(
          `Log in with a browser on this machine:\n\n${style.cyan(Format.oneLine(authUrl))}\n\n${
            style.dim("Waiting; Ctrl-C takes it back. Without a browser here: effect-codex login --device.")
          }\n`
        )
        yield* inTime(completed)
      }
      const { request } = yield* AppServer
      const { account } = yield* request("account/read", {})
      yield* stderr.write(`${style.green("✓")} ${account == null ? "logged in" : AccountText.describe(account)}\n`)
    }).pipe(Effect.scoped, Effect.provide(Session.codex(options)))
  })

const readKey = Effect.gen(function*() {
  const { stdin } = yield* Stdio
  if (stdin.isTTY) {
    return yield* usage(
      "--api-key reads the key from stdin, so that it shows nowhere.",
      "`printenv OPENAI_API_KEY | effect-codex login --api-key`"
    )
  }
  const key = (yield* Prompt.wholeStdin).trim()
  return key === "" ? yield* usage("There is no key on stdin.") : Redacted.make(key)
})

/**
 * Who is logged in, and what is left of the limits.
 *
 * @internal
 */
export const status = (options: ServerOptions & { readonly json: boolean }) =>
  Effect.gen(function*() {
    const { stdout } = yield* Stdio
    const { request } = yield* AppServer
    const { account, requiresOpenaiAuth } = yield* request("account/read", {})
    const limits = account?.type === "chatgpt"
      ? yield* Account.rateLimits.pipe(
        Stream.runHead,
        Effect.timeout("20 seconds"),
        Effect.option,
        Effect.map(Option.flatten)
      )
      : Option.none()
    if (options.json) {
      yield* stdout.write(
        `${
          JSON.stringify(
            { account: account ?? null, requiresOpenaiAuth, rateLimits: Option.getOrNull(limits)?.rateLimits ?? null },
            undefined,
            2
          )
        }\n`
      )
    } else {
      const now = yield* Clock.currentTimeMillis
      const windows = Option.match(limits, {
        onNone: () => [],
        onSome: ({ rateLimits: { primary, secondary } }) => [primary, secondary].filter((window) => window != null)
      })
      yield* stdout.write(
        [
          account != null ? AccountText.describe(account) : "nobody is logged in" +
            (requiresOpenaiAuth ? "" : ", and the model that is configured needs none"),
          ...windows.map((window) => AccountText.describeLimit(window, now))
        ].map((line) => `${line}\n`).join("")
      )
    }
    if (account == null && requiresOpenaiAuth) {
      return yield* new Ended({ code: exitCode.failed })
    }
  }).pipe(Effect.provide(Session.codex(options)))

/** @internal */
export const logout = (options: ServerOptions) =>
  Effect.gen(function*() {
    const { stderr } = yield* Stdio
    const { request } = yield* AppServer
    yield* request("account/logout", undefined)
    yield* stderr.write("logged out\n")
  }).pipe(Effect.provide(Session.codex(options)))
