import { NodeCodex } from "@effect-codex/node"
import { AppServer, type Codex, type CodexError } from "@effect-codex/sdk"
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

/** There is neither an account nor a key to run on. */
export class NotSignedIn extends Data.TaggedError("NotSignedIn") {
  override get message(): string {
    return [
      "There are no credentials to run live with. Do one of these and try again:",
      "  npx codex login                          sign in with ChatGPT",
      "  OPENAI_API_KEY=... npm run quickstart -- --live",
      "Without --live the quickstart runs on a scripted model and needs neither."
    ].join("\n")
  }
}

const apiKey = Config.option(Config.redacted(Config.nonEmptyString("OPENAI_API_KEY")))

const account = Effect.gen(function*() {
  const { request } = yield* AppServer.AppServer
  const { account, requiresOpenaiAuth } = yield* request("account/read", {})
  if (account != null) {
    return Option.some(account.type === "apiKey" ? "the API key of your CODEX_HOME" : `your ${account.type} account`)
  }
  return requiresOpenaiAuth ? Option.none() : Option.some("the model provider of your CODEX_HOME")
})

// A key from the environment is for this run only: it is not to end up in the user's CODEX_HOME.
const inMemory = NodeCodex.layer({ config: { cli_auth_credentials_store: "ephemeral" } })

/** The app-server on the user's own `CODEX_HOME`, with the account it has, or else with `OPENAI_API_KEY`. */
export const layer: Layer.Layer<
  Codex.Codex | AppServer.AppServer,
  NodeCodex.LayerError | CodexError.RequestError | ConfigError | NotSignedIn
> = Layer.scopedContext(Effect.gen(function*() {
  const own = yield* Layer.build(NodeCodex.layer())
  const found = yield* Effect.provide(account, own)
  if (Option.isSome(found)) {
    yield* Console.log(`Running live, on ${found.value}.\n`)
    return own
  }
  const key = yield* apiKey
  if (Option.isNone(key)) {
    return yield* new NotSignedIn()
  }
  const keyed = yield* Layer.build(inMemory)
  yield* Effect.provide(
    Effect.flatMap(
      AppServer.AppServer,
      ({ request }) => request("account/login/start", { type: "apiKey", apiKey: Redacted.value(key.value) })
    ),
    keyed
  )
  yield* Console.log("Running live, on your OPENAI_API_KEY.\n")
  return keyed
}))
