import { TransportError } from "@effect-codex/sdk/CodexError"
import * as Either from "effect/Either"
import type * as Net from "node:net"
import * as Path from "node:path"
import { lookupLoopback } from "./loopback.js"

/**
 * Where to connect, checked.
 *
 * @internal
 */
export interface Endpoint {
  /** What errors call it. Without path and query, which may be as secret as a token. */
  readonly name: string
  readonly url: URL
  /** The socket of this machine that stands for the host of `url`. */
  readonly socketPath: string | undefined
  /** Whether what is sent stays on this machine or is encrypted. */
  readonly confidential: boolean
  /** How the name of the host is resolved, where not any answer will do. */
  readonly lookup: Net.LookupFunction | undefined
}

const unixScheme = "unix://"

const refuse = (detail: string, cause?: unknown) => Either.left(new TransportError({ reason: "Open", detail, cause }))

const fromPath = (path: string): Either.Either<Endpoint, TransportError> => {
  if (process.platform === "win32") {
    return refuse(
      "Node has no unix sockets on Windows: have the app-server listen on ws://127.0.0.1 and connect to that"
    )
  }
  if (!Path.isAbsolute(path)) {
    return refuse(
      "a unix:// url is followed by an absolute path, as in unix:///run/codex.sock; the socket of the app-server's daemon " +
        "is found by DaemonTransport"
    )
  }
  return Either.right({
    name: `${unixScheme}${path}`,
    url: new URL("ws://localhost/"),
    socketPath: path,
    confidential: true,
    lookup: undefined
  })
}

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname)

const fromUrl = (url: URL): Either.Either<Endpoint, TransportError> => {
  const name = `${url.protocol}//${url.host}`
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    return refuse(`a url with ${url.protocol} is none of an app-server: it begins with ws://, wss:// or unix://`)
  }
  if (url.username !== "" || url.password !== "") {
    return refuse(
      `the url of ${name} holds credentials, which a url does not keep secret: give them as auth or headers`
    )
  }
  const loopback = isLoopback(url.hostname)
  return Either.right({
    name,
    url,
    socketPath: undefined,
    confidential: url.protocol === "wss:" || loopback,
    lookup: loopback && url.protocol === "ws:" ? lookupLoopback : undefined
  })
}

/** @internal */
export const parse = (url: string): Either.Either<Endpoint, TransportError> =>
  url.startsWith(unixScheme)
    ? fromPath(url.slice(unixScheme.length))
    : Either.try(() => new URL(url)).pipe(
      // The text itself is left out: in what is no url nobody can tell what is secret.
      Either.orElse(() => refuse("the url is none: it looks like ws://HOST:PORT, wss://HOST or unix:///absolute/path")),
      Either.flatMap(fromUrl)
    )
