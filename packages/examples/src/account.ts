/**
 * Logs in by a code that is typed in on any machine, and shows how much of the account is used up. Stopped before that
 * (by Ctrl-C, or after ten minutes), it takes the login back on the server.
 */
import { NodeCodex } from "@effect-codex/node"
import { Account } from "@effect-codex/sdk"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const login = Effect.scoped(Effect.gen(function*() {
  const { completed, userCode, verificationUrl } = yield* Account.loginDevice
  yield* Console.log(`Type in ${userCode} at ${verificationUrl}`)
  yield* completed.pipe(Effect.timeout("10 minutes"))
}))

const showLimits = Account.rateLimits.pipe(
  Stream.take(1),
  Stream.runForEach(({ rateLimits }) => Console.log(`${rateLimits.primary?.usedPercent ?? 0} % is used up.`))
)

const program = login.pipe(
  Effect.zipRight(showLimits),
  Effect.catchTag("LoginFailed", ({ message }) => Console.log(message))
)

program.pipe(Effect.provide(NodeCodex.layer()), NodeRuntime.runMain)
