import * as Sdk from "@effect-codex/sdk/ServerRequests"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Redacted from "effect/Redacted"
import type { Answer, Handler, Handlers } from "../Handlers.js"

/** The answers of this package as those of the SDK, where they differ. */
const answers: { readonly [K in Sdk.Kind]: (answer: Answer<K>) => Sdk.Kinds[K]["answer"] } = {
  commandApproval: identity,
  fileChangeApproval: identity,
  permissionsApproval: identity,
  userInput: identity,
  elicitation: identity,
  toolCall: identity,
  tokenRefresh: ({ accessToken, ...rest }) => ({ ...rest, accessToken: Redacted.make(accessToken) }),
  attestation: Redacted.make,
  currentTime: DateTime.unsafeFromDate,
  legacyCommandApproval: identity,
  legacyPatchApproval: identity
}

const handlerOf = <K extends Sdk.Kind>(kind: K, handler: Handler<K> | undefined): Sdk.Handler<K> | undefined =>
  handler === undefined ? undefined : (question) =>
    Effect.flatMap(
      // What it throws is the user's, and anything.
      // @effect-diagnostics-next-line unknownInEffectCatch:off
      Effect.tryPromise({
        try: async (signal) => handler(question, { signal }),
        catch: identity
      }),
      (answer) => answer === undefined ? Sdk.pass : Effect.succeed(answers[kind](answer))
    )

/** @internal */
export const toSdk = (handlers: Handlers): Sdk.Handlers => ({
  commandApproval: handlerOf("commandApproval", handlers.commandApproval),
  fileChangeApproval: handlerOf("fileChangeApproval", handlers.fileChangeApproval),
  permissionsApproval: handlerOf("permissionsApproval", handlers.permissionsApproval),
  userInput: handlerOf("userInput", handlers.userInput),
  elicitation: handlerOf("elicitation", handlers.elicitation),
  toolCall: handlerOf("toolCall", handlers.toolCall),
  tokenRefresh: handlerOf("tokenRefresh", handlers.tokenRefresh),
  attestation: handlerOf("attestation", handlers.attestation),
  currentTime: handlerOf("currentTime", handlers.currentTime),
  legacyCommandApproval: handlerOf("legacyCommandApproval", handlers.legacyCommandApproval),
  legacyPatchApproval: handlerOf("legacyPatchApproval", handlers.legacyPatchApproval)
})

/**
 * Has the handlers apply to what the effect opens.
 *
 * @internal
 */
export const provide = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  handlers: Handlers | undefined
): Effect.Effect<A, E, R> =>
  handlers === undefined ? effect : Effect.provideService(effect, Sdk.ServerRequests, toSdk(handlers))
