import { ClientRequests } from "@effect-codex/protocol/ClientRequests"
import {
  ExperimentalApiRequired,
  RequestFailed,
  ThreadArchived,
  ThreadNotFound,
  TurnNotActive,
  TurnNotSteerable,
  UnsupportedByServer
} from "../../CodexError.js"
import { stringAt } from "./envelope.js"
import type { Registry } from "./registry.js"

// The server answers nearly everything with -32600, so that only its words tell one failure from another. All of them
// are here, as codex 0.130 to 0.169 say them; what is not recognised stays the `RequestFailed` it is.

/** Takes the errors of an operation, and says what a refusal of the server means for it. */
type TellApart<Known> = <E>(error: E) => E | Known

const tellApart = <Known>(tell: (refusal: RequestFailed) => Known | undefined): TellApart<Known> => (error) =>
  error instanceof RequestFailed ? tell(error) ?? error : error

/**
 * The version in a handshake's `userAgent`, as in `my-client/0.169.0 (Debian 12.0.0; x86_64) …`.
 *
 * @internal
 */
export const versionOf = (userAgent: string): string | null => /\/(\d+\.\d+\.\d+\S*) \(/.exec(userAgent)?.[1] ?? null

/**
 * What any request can meet: a server that does not know the method, or to which it is experimental.
 *
 * @internal
 */
export const ofServer = (registry: Registry): TellApart<UnsupportedByServer | ExperimentalApiRequired> =>
  tellApart((refusal) => unsupported(refusal, registry.serverVersion) ?? experimental(refusal))

/**
 * What asking about a thread can meet.
 *
 * @internal
 */
export const ofThread = (threadId: string): TellApart<ThreadNotFound> =>
  tellApart((refusal) => notFound(refusal, threadId))

/**
 * What opening or changing a thread can meet.
 *
 * @internal
 */
export const ofOpening = (threadId: string): TellApart<ThreadNotFound | ThreadArchived> =>
  tellApart((refusal) => notFound(refusal, threadId) ?? archived(refusal, threadId))

/**
 * What giving a thread input can meet.
 *
 * @internal
 */
export const ofInput = (registry: Registry, threadId: string): TellApart<TurnNotSteerable> =>
  tellApart((refusal) => notSteerable(refusal, threadId, registry.thread(threadId)?.active?.id))

/**
 * What steering a turn can meet.
 *
 * @internal
 */
export const ofSteer = (
  registry: Registry,
  threadId: string,
  turnId: string
): TellApart<TurnNotActive | TurnNotSteerable> =>
  tellApart((refusal) =>
    notActive(refusal, threadId, turnId, registry.thread(threadId)?.active?.id) ??
      notSteerable(refusal, threadId, turnId)
  )

const refused: ReadonlySet<RequestFailed["reason"]> = new Set(["InvalidRequest", "InvalidParams", "InternalError"])

const matched = ({ reason, serverMessage }: RequestFailed, pattern: RegExp): ReadonlyArray<string | undefined> | null =>
  refused.has(reason) ? pattern.exec(serverMessage) : null

const unsupported = (cause: RequestFailed, serverVersion: string | null): UnsupportedByServer | undefined => {
  const spec = Object.values(ClientRequests).find(({ method }) => method === cause.method)
  if (spec === undefined) {
    return undefined
  }
  const { method, since } = spec
  const [, variant] = matched(cause, /^Invalid request: unknown variant `(.*?)`, expected one of `initialize`/) ?? []
  // Newer servers say the same of a method that they have, where it is a thread that does not support it.
  const notYet = cause.reason === "MethodNotFound" && cause.serverMessage === `${method} is not supported yet` &&
    serverVersion !== null && isOlder(serverVersion, since)
  return variant === method || notYet ? new UnsupportedByServer({ method, since, serverVersion, cause }) : undefined
}

/**
 * Whether a release came before another. Compared number by number, since `localeCompare` would load the collation of a
 * language with every start, for a tenth of its time.
 *
 * @internal
 */
export const isOlder = (version: string, than: string): boolean => {
  const have = numbersIn(version)
  const difference = numbersIn(than).map((number, i) => (have[i] ?? 0) - number).find((each) => each !== 0) ?? 0
  return difference < 0
}

const numbersIn = (version: string): ReadonlyArray<number> => (version.match(/\d+/g) ?? []).map(Number)

const experimental = (cause: RequestFailed): ExperimentalApiRequired | undefined => {
  const { method } = cause
  const [, what] = matched(cause, /^(.*) requires experimentalApi capability$/) ?? []
  if (what === method) {
    return new ExperimentalApiRequired({ method, fields: [], cause })
  }
  return what?.startsWith(`${method}.`) === true
    ? new ExperimentalApiRequired({ method, fields: [what.slice(method.length + 1)], cause })
    : undefined
}

const notFound = (cause: RequestFailed, threadId: string): ThreadNotFound | undefined => {
  const [, named] = matched(cause, /(?:rollout found for thread id |^thread not (?:found|loaded): )(\S+)$/) ?? []
  return named === threadId || matched(cause, /^invalid (?:thread|session) id: /) !== null
    ? new ThreadNotFound({ threadId, cause })
    : undefined
}

const archived = (cause: RequestFailed, threadId: string): ThreadArchived | undefined => {
  const [, named] = matched(cause, /\b(?:thread|session) (\S+) is archived(?:\.|$)/) ?? []
  return named === threadId ? new ThreadArchived({ threadId, cause }) : undefined
}

const notActive = (
  cause: RequestFailed,
  threadId: string,
  turnId: string,
  seenActive: string | undefined
): TurnNotActive | undefined => {
  const [, found] = matched(cause, /^expected active turn id \S+ but found `?([^`]+)`?$/) ?? []
  const isNone = matched(cause, /^no active turn to steer$/) !== null ||
    // A thread that is not loaded has no active turn.
    notFound(cause, threadId) !== undefined
  // Of the turn in question the server knows better than what was seen of it.
  const seen = seenActive === turnId ? undefined : seenActive
  return found !== undefined || isNone
    ? new TurnNotActive({ threadId, turnId, activeTurnId: found ?? seen ?? null, cause })
    : undefined
}

/** Refusing to steer comes with data, refusing to start with what the server's own error looks like. */
const notSteerable = (
  cause: RequestFailed,
  threadId: string,
  turnId: string | undefined
): TurnNotSteerable | undefined => {
  const turnKind = stringAt(cause.data, ["codexErrorInfo", "activeTurnNotSteerable", "turnKind"]) ??
    matched(cause, /\bActiveTurnNotSteerable \{ turn_kind: (\w+) \}/)?.[1]?.toLowerCase()
  return turnKind === undefined ? undefined : new TurnNotSteerable({
    threadId,
    turnId: turnId ?? null,
    turnKind,
    cause
  })
}
