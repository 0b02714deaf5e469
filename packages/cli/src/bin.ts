#!/usr/bin/env node
import * as Runtime from "@effect/platform/Runtime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Cli from "./Cli.js"
import { exitCode } from "./internal/failure.js"
import * as Interrupts from "./internal/interrupts.js"

/** How long what is under way has to end once the program was told to; closing an app-server takes half of it at most. */
const graceMillis = 20_000

const runMain = Runtime.makeRunMain(({ fiber, teardown }) => {
  const keepAlive = setInterval(() => {}, 2 ** 31 - 1)
  let signalled: number | undefined

  const end = (code: number) => {
    if (signalled !== undefined) {
      process.exit(signalled)
    }
    signalled = code
    setTimeout(() => process.exit(code), graceMillis).unref()
    fiber.unsafeInterruptAsFork(fiber.id())
  }
  process.on("SIGINT", () => Interrupts.give() || end(exitCode.interrupted))
  process.on("SIGTERM", () => end(exitCode.terminated))
  process.on("SIGHUP", () => end(exitCode.terminated))

  fiber.addObserver((exit) => {
    clearInterval(keepAlive)
    teardown(exit, (code) => process.exit(signalled ?? code))
  })
})

const program = Effect.flatMap(
  Effect.suspend(() => Cli.run(process.argv.slice(2))),
  (code) =>
    Effect.sync(() => {
      process.exitCode = code
    })
).pipe(Effect.provide(Cli.layer))

runMain(program, {
  disablePrettyLogger: true,
  teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? Number(process.exitCode ?? 0) : 1)
})
