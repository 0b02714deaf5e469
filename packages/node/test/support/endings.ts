import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"

type Program = Effect.Effect<void, unknown, Scope.Scope>

/** A way for a program to end: how it is run, and the signal that its terminal, or whoever else, then sends it. */
export interface Ending {
  readonly run: (program: Program) => unknown
  readonly signal?: NodeJS.Signals
}

const thenStays = (program: Program) => Effect.scoped(Effect.zipRight(program, Effect.never))

const whoseFiberIsInterrupted = Effect.fnUntraced(function*(program: Program) {
  const ready = yield* Deferred.make<void>()
  const fiber = yield* Effect.fork(thenStays(Effect.zipRight(program, Deferred.succeed(ready, undefined))))
  yield* Deferred.await(ready)
  yield* Fiber.interrupt(fiber)
})

const thenThrows = () => {
  setImmediate(() => {
    throw new Error("nobody catches this")
  })
}

/** Every way for a program to end, told by what it does. */
export const endings: Readonly<Record<string, Ending>> = {
  "whose scope closes": { run: (program) => Effect.runFork(Effect.scoped(program)) },
  "whose fiber is interrupted": { run: (program) => Effect.runFork(whoseFiberIsInterrupted(program)) },
  "that calls process.exit": {
    run: (program) => Effect.runFork(thenStays(Effect.tap(program, () => Effect.sync((): void => process.exit(0)))))
  },
  "that dies of an exception nobody catches": {
    run: (program) => Effect.runFork(thenStays(Effect.tap(program, () => Effect.sync(thenThrows))))
  },
  "that is given Ctrl-C under runMain": {
    run: (program) => NodeRuntime.runMain(thenStays(program)),
    signal: "SIGINT"
  },
  "that is given SIGTERM under runMain": {
    run: (program) => NodeRuntime.runMain(thenStays(program)),
    signal: "SIGTERM"
  },
  "that is given Ctrl-C and handles no signals": {
    run: (program) => Effect.runFork(thenStays(program)),
    signal: "SIGINT"
  },
  "that is killed": { run: (program) => Effect.runFork(thenStays(program)), signal: "SIGKILL" }
}
