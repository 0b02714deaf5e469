import type { NodeCodex } from "@effect-codex/node"
import { CodexBinary, ProcessTransport } from "@effect-codex/node"
import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import type { BinaryNotFound, HandshakeError } from "@effect-codex/sdk/CodexError"
import type { Thread } from "@effect-codex/sdk/Thread"
import { Transport } from "@effect-codex/sdk/Transport"
import { CodexTest, ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { binary, isBefore } from "./releases.js"

/** The real app-server on a scripted model. */
export const codexTest = (options?: CodexTest.Options) =>
  CodexTest.layer({ ...options, process: { binary, ...options?.process } })

/** The same with the `experimentalApi` capability. */
export const codexTestExperimental = (options?: CodexTest.Options) =>
  CodexTest.layerExperimental({ ...options, process: { binary, ...options?.process } })

/** What `codexTest` is from a release on, before which what it is for needed the `experimentalApi` capability. */
export const codexTestStableFrom = (release: string, options?: CodexTest.Options) =>
  isBefore(release) ? codexTestExperimental(options) : codexTest(options)

/** A home and its model without an app-server, for tests that start several on it or look at the process. */
export const home = (script: ScriptedModel.Script) =>
  Layer.provideMerge(TemporaryCodexHome.layer(), ScriptedModel.layer(script))

type Wrap = (transport: Context.Tag.Service<Transport>) => Effect.Effect<Context.Tag.Service<Transport>>

interface StartOptions extends ProcessTransport.Options {
  readonly wrap?: Wrap
}

const startWith = <Out>(layer: Layer.Layer<Out, HandshakeError, Transport>) =>
  Effect.fnUntraced(function*(options?: StartOptions): Effect.fn.Return<
    Context.Context<Out>,
    NodeCodex.LayerError,
    Scope.Scope | TemporaryCodexHome.TemporaryCodexHome
  > {
    const { codexHome, cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
    const transport = Layer.scoped(
      Transport,
      Effect.flatMap(ProcessTransport.make({ binary, ...options, codexHome, cwd }), options?.wrap ?? Effect.succeed)
    )
    return yield* Layer.build(Layer.provide(layer, transport))
  })

/** An app-server on the home, its transport as `wrap` makes it. It ends with the scope. */
export const start = startWith(Codex.layer)

/** The same with the `experimentalApi` capability. */
export const startExperimental = startWith(Codex.layerExperimental)

/** The service `Codex` of an app-server that ends with the scope. */
export const startCodex = (options?: Parameters<typeof start>[0]) =>
  Effect.map(start(options), Context.get(Codex.Codex))

/** Options that run the app-server behind a shell that leaves its process id in the working directory. */
export const withPidFile: Effect.Effect<ProcessTransport.Options, BinaryNotFound> = Effect.map(
  CodexBinary.find({ binary }),
  ({ path }) => ({ binary: "/bin/sh", args: ["-c", "echo $$ > server.pid; exec \"$0\" app-server", path] })
)

export const statusesOf = (thread: Thread) =>
  Effect.map(thread.read({ includeTurns: true }), ({ turns }) => turns.map(({ status }) => status))

/** Nothing of what was done is held any more. */
export const assertIdle = Effect.gen(function*() {
  const { stats } = yield* AppServer
  const { operations, pendingRequests, serverRequests, threads, turns } = yield* stats
  assert.deepStrictEqual({ operations, pendingRequests, serverRequests, threads, turns }, {
    operations: 0,
    pendingRequests: 0,
    serverRequests: 0,
    threads: 0,
    turns: 0
  })
})
