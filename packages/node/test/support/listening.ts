import { CodexBinary } from "@effect-codex/node"
import { TemporaryCodexHome } from "@effect-codex/testing"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as NodeChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Path from "node:path"
import * as Tls from "node:tls"
import * as SelfSigned from "../fixtures/selfSigned.js"
import { tick } from "./child.js"

const settle = <A>(deferred: Deferred.Deferred<A>, value: A): void => Deferred.unsafeDone(deferred, Exit.succeed(value))

const start = Effect.fnUntraced(function*(args: ReadonlyArray<string>) {
  const { codexHome, cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
  const { path } = yield* CodexBinary.find({ binary: process.env["CODEX_TEST_BINARY"] })
  const url = Deferred.unsafeMake<string>(FiberId.none)
  const exited = Deferred.unsafeMake<void>(FiberId.none)
  const kill = (child: NodeChildProcess.ChildProcess) =>
    Effect.zipRight(Effect.sync(() => child.kill("SIGKILL")), Deferred.await(exited))
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const child = NodeChildProcess.spawn(path, ["app-server", ...args], {
        cwd,
        env: { ...process.env, CODEX_HOME: codexHome, HOME: codexHome },
        stdio: ["ignore", "ignore", "pipe"]
      })
      let said = ""
      child.stderr.on("data", (chunk) => {
        said += chunk
        const [, found] = /listening on: (\S+)/.exec(said) ?? []
        if (found !== undefined) {
          settle(url, found)
        }
      })
      child.on("exit", () => settle(exited, undefined))
      return child
    }),
    kill
  )
  return { url: Deferred.await(url), kill: kill(child) }
})

/** An app-server that listens on a port of its own until the scope closes. `args` are those of `--ws-auth`. */
export const onPort = Effect.fnUntraced(function*(...args: ReadonlyArray<string>) {
  const { kill, url } = yield* start(["--listen", "ws://127.0.0.1:0", ...args])
  return { url: yield* url, kill }
})

/** A file with a token or a secret in it, as an administrator writes it: with an end of line. */
export const secretFile = (content: string) =>
  Effect.map(TemporaryCodexHome.TemporaryCodexHome, ({ codexHome }) => {
    const file = Path.join(codexHome, "secret")
    Fs.writeFileSync(file, `${content}\n`, { mode: 0o600 })
    return file
  })

const accepts = (path: string): Effect.Effect<boolean> =>
  Effect.async<boolean>((resume) => {
    const socket = Net.connect(path)
    socket.on("connect", () => resume(Effect.succeed(true)))
    socket.on("error", () => resume(Effect.succeed(false)))
    return Effect.sync(() => socket.destroy())
  }).pipe(Effect.tap(() => tick))

/** One that listens on a unix socket, whose path is the given one or, without one, that of the daemon. */
export const onSocket = Effect.fnUntraced(function*(path = "") {
  const { codexHome } = yield* TemporaryCodexHome.TemporaryCodexHome
  const { kill } = yield* start(["--listen", `unix://${path}`])
  const file = path === "" ? Path.join(codexHome, "app-server-control", "app-server-control.sock") : path
  // It says nothing when it is ready. The test's own deadline is the bound.
  yield* Effect.repeat(accepts(file), { until: (yes) => yes })
  return { url: `unix://${file}`, kill }
})

/** A proxy that takes TLS off what comes, with a certificate that nobody trusts. It counts what was sent through it. */
export const behindTls = Effect.fnUntraced(function*({ url }: { readonly url: string }) {
  const { port } = new URL(url)
  let received = 0
  const server = yield* Effect.acquireRelease(
    Effect.async<Tls.Server>((resume) => {
      const server = Tls.createServer(SelfSigned, (client) => {
        const upstream = Net.connect(Number(port), "127.0.0.1")
        client.on("error", () => upstream.destroy()).on("close", () => upstream.destroy())
        upstream.on("error", () => client.destroy()).on("close", () => client.destroy())
        client.on("data", ({ length }) => received += length)
        client.pipe(upstream)
        upstream.pipe(client)
      })
      server.on("tlsClientError", () => {})
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.async<void>((resume) => void server.close(() => resume(Effect.void)))
  )
  const address = server.address()
  return { url: `wss://localhost:${typeof address === "object" ? address?.port : ""}`, received: () => received }
})
