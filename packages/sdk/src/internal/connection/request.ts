import { ClientRequests } from "@effect-codex/protocol/ClientRequests"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as AppServer from "../../AppServer.js"
import type { ConnectionClosed, RequestFailed, RequestTimeout } from "../../CodexError.js"
import { ExperimentalApiRequired, InvalidParams, TooManyRequests, UndecodableResult } from "../../CodexError.js"
import * as Retry from "../../Retry.js"
import * as Concealing from "./concealing.js"
import type { Connection, Exchange, ExchangeOptions } from "./connection.js"
import type { Registry } from "./registry.js"
import * as RequestErrors from "./requestErrors.js"

/** @internal */
export type ExchangeError = ConnectionClosed | RequestFailed | RequestTimeout | TooManyRequests

type AnyMethod = keyof ClientRequests

interface Codec {
  readonly encode: (params: unknown) => Either.Either<unknown, ParseResult.ParseIssue>
  readonly decode: (result: unknown) => Either.Either<unknown, ParseResult.ParseIssue>
}

// Members that this version does not know are kept both ways: a newer server may take and tell more.
const parseOptions = { onExcessProperty: "preserve", errors: "all" } as const

const codecs = new Map<AnyMethod, Codec>()

const codecOf = (method: AnyMethod): Codec => {
  const found = codecs.get(method)
  if (found !== undefined) {
    return found
  }
  const { params, result } = ClientRequests[method]
  const codec: Codec = {
    encode: params === undefined
      ? Either.right
      : ParseResult.encodeUnknownEither(Schema.make<unknown>(params.ast), parseOptions),
    decode: ParseResult.decodeUnknownEither(Schema.make<unknown>(result.ast), parseOptions)
  }
  codecs.set(method, codec)
  return codec
}

/** Where nothing more may be begun, what was begun can still be ended. */
const endings: ReadonlySet<string> = new Set<AnyMethod>([
  "account/login/cancel",
  "command/exec/terminate",
  "fs/unwatch",
  "fuzzyFileSearch/sessionStop",
  "mcpServer/event/stream/stop",
  "process/kill",
  "thread/realtime/stop",
  "thread/unsubscribe",
  "turn/interrupt"
])

/**
 * Why a request is not sent, where too many wait for their answers.
 *
 * @internal
 */
export const refusal = (method: string, registry: Registry): TooManyRequests | undefined => {
  // What is no number bounds nothing, so it is none.
  const maxPendingRequests = Math.max(1, Math.floor(registry.options.maxPendingRequests) || 1)
  return registry.pendingRequests < (endings.has(method) ? 2 : 1) * maxPendingRequests
    ? undefined
    : new TooManyRequests({ method, maxPendingRequests })
}

const format = ParseResult.TreeFormatter.formatIssueSync

/**
 * The params as they are sent, or why they are not.
 *
 * @internal
 */
export const encode = <M extends AnyMethod>(
  method: M,
  params: ClientRequests[M]["params"],
  experimentalApi: boolean
): Either.Either<unknown, InvalidParams | ExperimentalApiRequired> => {
  if (!Object.hasOwn(ClientRequests, method)) {
    return Either.left(new InvalidParams({ method, issue: "This version of the protocol has no such method." }))
  }
  if (!experimentalApi) {
    const spec: { readonly stability: string; readonly experimentalFields: ReadonlyArray<string> } =
      ClientRequests[method]
    const fields = spec.experimentalFields.filter((path) => isPresent(params, path.split(".")))
    if (spec.stability === "experimental" || fields.length > 0) {
      return Either.left(new ExperimentalApiRequired({ method, fields }))
    }
  }
  return Either.mapLeft(
    params === undefined ? Either.right(undefined) : codecOf(method).encode(params),
    (issue) => new InvalidParams({ method, issue: format(issue) })
  )
}

/** @internal */
export const decode = <M extends AnyMethod>(
  method: M,
  result: unknown
): Either.Either<ClientRequests[M]["result"], UndecodableResult> =>
  Either.mapBoth(codecOf(method).decode(result), {
    onLeft: (issue) => new UndecodableResult({ method, result, issue: format(issue) }),
    // The codec was looked up by the method, which the compiler cannot follow.
    onRight: (decoded) => decoded as ClientRequests[M]["result"]
  })

const isPresent = (value: unknown, path: ReadonlyArray<string>): boolean => {
  const [head, ...rest] = path
  if (head === undefined) {
    return value !== undefined && value !== null
  }
  if (typeof value !== "object" || value === null) {
    return false
  }
  if (head === "*") {
    return Object.values(value).some((member) => isPresent(member, rest))
  }
  const key = head.endsWith("[]") ? head.slice(0, -2) : head
  const member = Object.hasOwn(value, key) ? (value as { readonly [key: string]: unknown })[key] : undefined
  return head.endsWith("[]")
    ? Array.isArray(member) && member.some((element) => isPresent(element, rest))
    : isPresent(member, rest)
}

/**
 * The typed request of a connection.
 *
 * @internal
 */
export const make = (options: {
  readonly exchange: Exchange
  readonly registry: Registry
  readonly experimentalApi: boolean
}): Connection["request"] =>
<M extends AppServer.Method>(method: M, params: AppServer.Params<M>, requestOptions?: ExchangeOptions) => {
  const encoded = encode(method, params, options.experimentalApi)
  const concealed = Concealing.fromError(requestOptions?.secrets)
  if (Either.isLeft(encoded)) {
    return Effect.fail(concealed(encoded.left))
  }
  const ofServer = RequestErrors.ofServer(options.registry)
  const once = Effect.matchEffect(options.exchange(method, encoded.right, requestOptions), {
    onFailure: (error) => Effect.fail(ofServer(concealed(error))),
    onSuccess: (result) => Either.mapLeft(decode(method, result), concealed)
  })
  return ClientRequests[method].reads ? retried(once) : once
}

/** Most requests are answered at once, so a schedule is only set going where there is something to try again. */
const retried = <A, E, R>(once: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.catchAll(once, (error) => {
    if (!Retry.isOverloaded(error)) {
      return Effect.fail(error)
    }
    let attempt: Effect.Effect<A, E, R> = Effect.fail(error)
    return Retry.overloaded(Effect.suspend(() => {
      const current = attempt
      attempt = once
      return current
    }))
  })
