import { TransportError } from "@effect-codex/sdk/CodexError"
import * as Duration from "effect/Duration"
import type { IncomingMessage } from "node:http"
import type { Endpoint } from "./endpoint.js"

/**
 * How a connection ended.
 *
 * @internal
 */
export interface Closed {
  readonly code: number
  readonly reason: string
  readonly failure: Error | undefined
}

/**
 * What to say of a connection that does not come about, or has ended.
 *
 * @internal
 */
export interface Describe {
  /** It could not even be tried. */
  readonly unusable: (cause: unknown) => TransportError
  /** No connection. */
  readonly unreachable: (cause: Error) => TransportError
  /** An answer, but another one than was asked for. */
  readonly refused: (response: IncomingMessage, body: string) => TransportError
  readonly late: (timeout: Duration.DurationInput) => TransportError
  readonly closed: (closed: Closed) => TransportError
  /** Nothing has come for too long. */
  readonly silent: (beat: Duration.DurationInput) => TransportError
}

/** @internal */
export interface Options {
  readonly endpoint: Endpoint
  readonly withToken: boolean
  /** Takes secrets out of what the other side says. */
  readonly redact: (text: string) => string
  /** What to do where nothing listens. */
  readonly hint: string
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : ""

// Where several addresses were tried the error has a code and no message.
const messageOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : "") || codeOf(cause) || "see the cause"

const untrusted = /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_)/

const unreachableDetail = ({ endpoint, hint }: Options, cause: Error): string => {
  const code = codeOf(cause)
  switch (code) {
    case "ECONNREFUSED":
    case "ENOENT":
      return `nothing listens at ${endpoint.name}: ${hint}`
    case "EACCES":
    case "EPERM":
      return `${endpoint.name} may not be opened by this user: it belongs to whoever runs the app-server`
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `the host of ${endpoint.name} is not known: correct the url, or try again once names can be resolved`
    default:
      return untrusted.test(code)
        ? `the certificate of ${endpoint.name} is not trusted: give the one of the authority that signed it as ca`
        : `${endpoint.name} could not be connected to: ${messageOf(cause)}`
  }
}

const tokenDetail = ({ endpoint, withToken }: Options, answer: string): string =>
  withToken
    ? `${endpoint.name} refused the token (${answer}): give the token, or the secret, issuer and audience, that the ` +
      "app-server was started with"
    : `${endpoint.name} asks for a token (${answer}): give it as auth, as a capabilityToken or a signedBearerToken`

const unsaid = new Set([1000, 1005])

const closedDetail = ({ endpoint, redact }: Options, { code, failure, reason }: Closed): string => {
  if (codeOf(failure) === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") {
    return `${endpoint.name} sent a frame beyond maxFrameBytes: raise it to read such frames`
  }
  if (failure !== undefined) {
    return `the connection to ${endpoint.name} failed: ${messageOf(failure)}`
  }
  if (code === 1006) {
    // Also what the app-server does to a message of more than 64 MiB.
    return `${endpoint.name} ended the connection without a word (1006), as a server does that was stopped, or one that ` +
      "drops a client"
  }
  const why = reason === "" ? "" : `, ${redact(reason)}`
  return unsaid.has(code) && why === ""
    ? `${endpoint.name} closed the connection`
    : `${endpoint.name} closed the connection (${code}${why})`
}

/** @internal */
export const make = (options: Options): Describe => {
  const { endpoint, redact } = options
  const open = (detail: string, cause?: unknown) => new TransportError({ reason: "Open", detail, cause })
  return {
    unusable: (cause) => open(`${endpoint.name} cannot be asked for a connection: ${messageOf(cause)}`, cause),
    unreachable: (cause) => open(unreachableDetail(options, cause), cause),
    refused(response, body) {
      const status = response.statusCode ?? 0
      const answer = [status, redact(body.replace(/\s+/g, " ").trim())].filter((part) => part !== "").join(" ")
      return status === 401 || status === 403
        ? new TransportError({ reason: "Unauthorized", detail: tokenDetail(options, answer) })
        : open(`${endpoint.name} opened no WebSocket but answered ${answer}: is it the address of an app-server?`)
    },
    late: (timeout) =>
      open(
        `${endpoint.name} took more than ${Duration.format(timeout)} to open a connection: raise openTimeout for a ` +
          "slow one"
      ),
    closed: (closed) =>
      new TransportError({ reason: "Closed", detail: closedDetail(options, closed), cause: closed.failure }),
    silent: (beat) =>
      new TransportError({
        reason: "Closed",
        detail: `nothing came from ${endpoint.name} for ${Duration.format(beat)}, not even the answer to a ping: the ` +
          "network or the server is gone"
      })
  }
}
