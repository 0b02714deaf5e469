import * as Cli from "@effect-codex/cli/Cli"
import * as Launcher from "@effect-codex/cli/Launcher"
import * as Stdio from "@effect-codex/cli/Stdio"
import { ProcessTransport } from "@effect-codex/node"
import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Terminal from "./terminal.js"

export interface Options {
  /** What is on stdin, where that is no terminal. */
  readonly stdin?: Stream.Stream<string>
  /** Whether a person sits at the terminal. */
  readonly isTTY?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly launcher?: Launcher.Service
}

export interface Running {
  readonly stdout: () => string
  readonly stderr: () => string
  /** Both, in the order in which they were written. */
  readonly screen: () => string
  readonly code: Effect.Effect<number>
  /** Ctrl-C as a signal; whether the program took it. */
  readonly interrupt: Effect.Effect<boolean>
  /** Ends the program as its process would be. */
  readonly stop: Effect.Effect<Exit.Exit<number>>
  readonly type: (text: string) => Effect.Effect<void>
  readonly ctrl: (letter: string) => Effect.Effect<void>
  /** Waits until this was written to either, since the last time that something was waited for. */
  readonly shown: (text: string) => Effect.Effect<void>
}

/** A command line that runs in this process, on streams of its own. */
export const start = Effect.fnUntraced(function*(args: ReadonlyArray<string>, options: Options = {}) {
  const { codexHome, cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
  const isTTY = options.isTTY === true
  let stdout = ""
  let stderr = ""
  let screen = ""
  let seen = 0
  const watchers = new Set<() => void>()
  const interrupts: Array<() => void> = []

  const wrote = (text: string) => {
    screen += text
    watchers.forEach((watch) => watch())
  }
  const output = (keep: (text: string) => void): Stdio.Output => ({
    isTTY,
    columns: Effect.succeed(80),
    write: (text) =>
      Effect.sync(() => {
        keep(text)
        wrote(text)
      })
  })
  const terminal = yield* Terminal.make
  const layer = Layer.mergeAll(
    Layer.succeed(Stdio.Stdio, {
      stdout: output((text) => stdout += text),
      stderr: output((text) => stderr += text),
      stdin: { isTTY, text: options.stdin ?? Stream.empty },
      env: options.env ?? {},
      onInterrupt: (run) =>
        Effect.acquireRelease(
          Effect.sync(() => void interrupts.push(run)),
          () => Effect.sync(() => void interrupts.splice(interrupts.indexOf(run), 1))
        )
    }),
    Layer.succeed(
      Launcher.Launcher,
      options.launcher ?? {
        transport: (given) => ProcessTransport.layer({ ...given, cwd, codexHome, env: { HOME: codexHome } })
      }
    ),
    Layer.succeed(Terminal.tag, terminal.terminal),
    NodeFileSystem.layer,
    NodePath.layer
  )
  const fiber = yield* Effect.forkScoped(Effect.provide(Cli.run(args), layer))

  const running: Running = {
    stdout: () => stdout,
    stderr: () => stderr,
    screen: () => screen,
    code: Fiber.join(fiber),
    interrupt: Effect.sync(() => {
      const run = interrupts.at(-1)
      run?.()
      return run !== undefined
    }),
    stop: Fiber.interrupt(fiber),
    type: terminal.type,
    ctrl: terminal.ctrl,
    shown: (text) =>
      Effect.async<void>((resume) => {
        const look = () => {
          const at = screen.indexOf(text, seen)
          if (at >= 0) {
            seen = at + text.length
            watchers.delete(look)
            resume(Effect.void)
          }
        }
        watchers.add(look)
        look()
        return Effect.sync(() => watchers.delete(look))
      })
  }
  return running
})

/** The same to its end. */
export const run = Effect.fnUntraced(function*(args: ReadonlyArray<string>, options?: Options) {
  const { code, stderr, stdout } = yield* start(args, options)
  return { code: yield* code, stdout: stdout(), stderr: stderr() }
})

/** A home and its model, for all the app-servers of a test. Without a script it says what it is told. */
export const home = (script?: ScriptedModel.Script) =>
  Layer.provideMerge(
    TemporaryCodexHome.layer(),
    ScriptedModel.layer(script ?? ((request) => ScriptedModel.text(request.userText)))
  )

export const command = (cmd: string, options?: { readonly asks: boolean }) =>
  ScriptedModel.toolCall({
    name: "exec_command",
    arguments: {
      cmd,
      login: false,
      ...(options?.asks === true
        ? { sandbox_permissions: "require_escalated", justification: "You asked for it." }
        : {})
    }
  })

export const linesOf = (text: string): ReadonlyArray<{ readonly [member: string]: unknown }> =>
  text.trimEnd().split("\n").map((line) => JSON.parse(line))
