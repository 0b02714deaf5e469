import { TransportError } from "@effect-codex/sdk/CodexError"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Options } from "../WebSocketTransport.js"
import * as BearerToken from "./bearerToken.js"
import type { Endpoint } from "./endpoint.js"
import * as Redact from "./redact.js"

/**
 * What the opening request says beyond its purpose.
 *
 * @internal
 */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>
  readonly withToken: boolean
  /** Takes all of it out of what the other side says. */
  readonly redact: (text: string) => string
}

const reveal = (value: string | Redacted.Redacted): string => Redacted.isRedacted(value) ? Redacted.value(value) : value

const leak = ({ name }: Endpoint): TransportError =>
  new TransportError({
    reason: "Open",
    detail:
      `a token or header would go to ${name} in plain, for anyone on the way to read; nothing was sent: use wss://, ` +
      "or a tunnel and its end on this machine"
  })

/**
 * Fails where something secret would leave this machine unencrypted.
 *
 * @internal
 */
export const make = (
  { auth, headers = {} }: Options,
  endpoint: Endpoint
): Effect.Effect<Credentials, TransportError> =>
  Effect.gen(function*() {
    const given = Object.entries(headers).map(([name, value]): readonly [string, string] => [name, reveal(value)])
    if (!endpoint.confidential && (auth !== undefined || given.length > 0)) {
      return yield* leak(endpoint)
    }
    const token = auth === undefined ? [] : [Redacted.value(yield* BearerToken.make(auth))]
    const secret = auth?._tag === "SignedBearerToken" ? [Redacted.value(auth.secret)] : []
    return {
      headers: {
        ...Object.fromEntries(given),
        ...Object.fromEntries(token.map((text) => ["authorization", `Bearer ${text}`]))
      },
      withToken: auth !== undefined,
      redact: Redact.known([...token, ...secret, ...given.map(([, value]) => value)])
    }
  })
