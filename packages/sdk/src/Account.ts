/**
 * The account that the server works for: logging in to it, and its rate limits. Everything else is a plain request:
 * `appServer.request("account/read", {})`, `"account/logout"`, `"account/usage/read"` and their kind.
 *
 * Keys and tokens are `Redacted` from the caller to the wire, and appear in no error, log or span of the SDK.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import type * as Server from "@effect-codex/protocol/Server"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { AppServer, ExperimentalApi } from "./AppServer.js"
import type { ConnectionClosed, EventsError, LoginFailed, RequestError } from "./CodexError.js"
import { current } from "./internal/connection/current.js"
import * as internal from "./internal/operations/account.js"

/**
 * A login that a person completes. It belongs to the scope it was started in: when that closes first, the login is
 * cancelled on the server. The server has one login of this kind open at a time; another one ends it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Login {
  readonly loginId: string

  /** Waits until the person has logged in. */
  readonly completed: Effect.Effect<void, LoginFailed | ConnectionClosed>

  /** Cancels the login, after which `completed` fails with `LoginFailed`. Does nothing to a login that has ended. */
  readonly cancel: Effect.Effect<void, RequestError>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface BrowserLogin extends Login {
  /**
   * Where the person logs in, in a browser on the machine of the server. It comes back to one of two ports that all
   * codex processes of the machine share, so that a login begun by another one may end this one.
   */
  readonly authUrl: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface DeviceLogin extends Login {
  /** Where the person logs in, in any browser. */
  readonly verificationUrl: string
  /** What the person types in there. It is good for one login. */
  readonly userCode: string
}

/**
 * @since 0.1.0
 * @category models
 */
export type BrowserLoginOptions = Omit<Extract<Client.LoginAccountParams, { readonly type: "chatgpt" }>, "type">

/**
 * Tokens of ChatGPT that the program has got by itself, and gets again when the server asks for fresh ones.
 *
 * @since 0.1.0
 * @category models
 */
export interface ChatgptTokens {
  /** A JWT. */
  readonly accessToken: Redacted.Redacted
  readonly chatgptAccountId: string
  /** Taken from the token where it is not given. */
  readonly chatgptPlanType?: string | null | undefined
}

/**
 * An API key of Bedrock.
 *
 * @since 0.1.0
 * @category models
 */
export interface BedrockKey {
  readonly apiKey: Redacted.Redacted
  readonly region: string
}

/**
 * Access keys of AWS for Bedrock.
 *
 * @since 0.1.0
 * @category models
 */
export interface BedrockAccessKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: Redacted.Redacted
  readonly sessionToken?: Redacted.Redacted | undefined
  readonly region: string
}

/**
 * Logs in with an API key of OpenAI. The server stores it without asking anybody whether it is valid.
 *
 * @example
 * ```ts
 * import { Account } from "@effect-codex/sdk"
 * import { Config, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const key = yield* Config.redacted("OPENAI_API_KEY")
 *   yield* Account.loginApiKey(key)
 * })
 * ```
 *
 * @since 0.1.0
 * @category login
 */
export const loginApiKey = (apiKey: Redacted.Redacted): Effect.Effect<void, RequestError, AppServer> =>
  Effect.flatMap(
    current,
    (connection) => internal.loginWith(connection, { type: "apiKey", apiKey: Redacted.value(apiKey) }, [apiKey])
  )

/**
 * Logs in with tokens that the program keeps: the server stores none, and asks for new ones when they have expired.
 *
 * @since 0.1.0
 * @category login
 */
export const loginTokens = (
  { accessToken, ...rest }: ChatgptTokens
): Effect.Effect<void, RequestError, AppServer | ExperimentalApi> =>
  Effect.flatMap(
    current,
    (connection) =>
      internal.loginWith(connection, {
        ...rest,
        type: "chatgptAuthTokens",
        accessToken: Redacted.value(accessToken)
      }, [accessToken])
  )

/**
 * Logs in to Amazon Bedrock.
 *
 * @since 0.1.0
 * @category login
 */
export const loginBedrock = (
  credentials: BedrockKey | BedrockAccessKeys
): Effect.Effect<void, RequestError, AppServer> =>
  Effect.flatMap(current, (connection) =>
    internal.loginWith(
      connection,
      "apiKey" in credentials
        ? { type: "amazonBedrock", region: credentials.region, apiKey: Redacted.value(credentials.apiKey) }
        : {
          type: "amazonBedrockAccessKeys",
          region: credentials.region,
          accessKeyId: credentials.accessKeyId,
          secretAccessKey: Redacted.value(credentials.secretAccessKey),
          sessionToken: credentials.sessionToken && Redacted.value(credentials.sessionToken)
        },
      "apiKey" in credentials
        ? [credentials.apiKey]
        : [credentials.secretAccessKey, ...(credentials.sessionToken === undefined ? [] : [credentials.sessionToken])]
    ))

/**
 * Begins a login to ChatGPT by a browser on the machine of the server.
 *
 * @example
 * ```ts
 * import { Account } from "@effect-codex/sdk"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.scoped(Effect.gen(function*() {
 *   const login = yield* Account.loginBrowser()
 *   yield* Console.log(`Log in at ${login.authUrl}`)
 *   yield* login.completed.pipe(Effect.timeout("10 minutes"))
 * }))
 * ```
 *
 * @since 0.1.0
 * @category login
 */
export const loginBrowser = (
  options?: BrowserLoginOptions
): Effect.Effect<BrowserLogin, RequestError, AppServer | Scope.Scope> =>
  Effect.flatMap(current, (connection) => internal.loginBrowser(connection, options))

/**
 * Begins a login to ChatGPT by a code that the person types in, in any browser.
 *
 * @since 0.1.0
 * @category login
 */
export const loginDevice: Effect.Effect<DeviceLogin, RequestError, AppServer | Scope.Scope> = Effect.flatMap(
  current,
  (connection) => internal.loginDevice(connection)
)

/**
 * The rate limits of the account, first as they are, then each time the server tells of a change. What an update does
 * not mention stays as it was known. After a login or a logout, run the stream again.
 *
 * @since 0.1.0
 * @category limits
 */
export const rateLimits: Stream.Stream<
  Server.GetAccountRateLimitsResponse,
  RequestError | EventsError,
  AppServer
> = Stream.unwrap(Effect.map(current, internal.rateLimits))
