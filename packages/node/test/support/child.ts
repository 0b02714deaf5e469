import { ProcessTransport } from "@effect-codex/node"
import type { TransportEnd } from "@effect-codex/sdk/Transport"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Mailbox from "effect/Mailbox"
import type * as Scope from "effect/Scope"
import * as NodeChildProcess from "node:child_process"

/** A turn of the event loop, so that the system's events are seen between two looks at its state. */
export const tick = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** Looks again and again until `condition` holds; the test's own deadline is the bound. */
export const eventually = (condition: () => boolean): Effect.Effect<void> =>
  Effect.whileLoop({ while: () => !condition(), body: () => tick, step: () => {} })

export const processIsAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Whether it still does anything; one that only waits to be reaped by whoever inherited it does not. */
export const isRunning = (pid: number): boolean => {
  const { stdout } = NodeChildProcess.spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" })
  return stdout.trim() !== "" && !stdout.trim().startsWith("Z")
}

/** Until no process of the group is left. Killed ones count until whoever inherited them has reaped them. */
export const groupIsGone = (pid: number): Effect.Effect<void> => eventually(() => !processIsAlive(-pid))

/** Runs `script` in a Node process of its own as if it were the app-server. */
export const nodeChild = (script: string, options?: ProcessTransport.Options) =>
  ProcessTransport.make({
    binary: process.execPath,
    args: ["--input-type=commonjs", "-e", script],
    closeGrace: "100 millis",
    terminateGrace: "100 millis",
    ...options
  })

export type ProcessTransport = Effect.Effect.Success<ReturnType<typeof nodeChild>>

/** Runs the transport in the background: its frames one by one, and its end. */
export const collect = Effect.fnUntraced(function*(transport: ProcessTransport) {
  const frames = yield* Mailbox.make<string>()
  const fiber = yield* Effect.forkScoped(transport.run((chunk) => frames.unsafeOfferAll(chunk)))
  return { next: Effect.orDie(frames.take), fiber, end: Fiber.join(fiber) }
})

/** Runs `use` in a scope that is closed before the end of the run is awaited. */
export const untilClosed = Effect.fnUntraced(function*<A, E>(
  open: Effect.Effect<ProcessTransport, E, Scope.Scope>,
  use: (next: Effect.Effect<string>, transport: ProcessTransport) => Effect.Effect<A, E>
) {
  const ended = yield* Deferred.make<TransportEnd>()
  const value = yield* Effect.scoped(Effect.gen(function*() {
    const frames = yield* Mailbox.make<string>()
    const transport = yield* open
    yield* Effect.forkDaemon(
      Effect.intoDeferred(transport.run((chunk) => frames.unsafeOfferAll(chunk)), ended)
    )
    return yield* use(Effect.orDie(frames.take), transport)
  }))
  return { value, end: yield* Deferred.await(ended) }
})
