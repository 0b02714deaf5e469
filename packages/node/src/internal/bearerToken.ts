import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { createHmac } from "node:crypto"
import type { Auth, SigningOptions } from "../WebSocketTransport.js"
import { clock } from "./wallClock.js"

const defaultLifetime = "1 minute"

const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString("base64url")

// The app-server takes HS256 alone, wants `exp` as a whole number, and does not count the white space of its own file.
const sign = ({ audience, issuer, lifetime, secret }: SigningOptions, now: number): string => {
  const exp = Math.ceil((now + Duration.toMillis(lifetime ?? defaultLifetime)) / 1000)
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ exp, iss: issuer, aud: audience })}`
  const signature = createHmac("sha256", Redacted.value(secret).trim()).update(signed).digest("base64url")
  return `${signed}.${signature}`
}

/**
 * The token to open one connection with.
 *
 * @internal
 */
export const make = (auth: Auth): Effect.Effect<Redacted.Redacted> =>
  auth._tag === "CapabilityToken"
    ? Effect.succeed(Redacted.make(Redacted.value(auth.token).trim()))
    : Effect.withClock(
      Effect.map(Clock.currentTimeMillis, (now) => Redacted.make(sign(auth, now))),
      clock
    )
