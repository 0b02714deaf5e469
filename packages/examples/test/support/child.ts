import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import type * as Scope from "effect/Scope"
import * as NodeChildProcess from "node:child_process"
import { randomUUID } from "node:crypto"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const folder = fileURLToPath(new URL("../../", import.meta.url))
const execFile = promisify(NodeChildProcess.execFile)

/** The command line, without the environment that follows it. */
const commandOf = (line: string) => line.split(/ [A-Za-z_]+=/)[0] ?? line

/** One of the examples as a Node process of its own, started as its script in `package.json` does. */
export interface Example {
  readonly stdout: () => string
  readonly stderr: () => string
  /** The exit status, once both outputs have ended as well. */
  readonly status: Effect.Effect<number | null>
  /** Waits until the program has printed this. */
  readonly printed: (text: string) => Effect.Effect<void>
  /** Types at the program, which has to be started with `stdin`. */
  readonly type: (text: string) => Effect.Effect<void>
  readonly interrupt: Effect.Effect<void>
  /** Goes away as the reader of its stdout. */
  readonly closeStdout: Effect.Effect<void>
  /** What is alive of it and of everything it started, in whatever process group. */
  readonly processes: Effect.Effect<ReadonlyArray<string>>
}

export const start = (
  file: string,
  options?: {
    readonly args?: ReadonlyArray<string>
    /** Merged over the tests' own environment; `undefined` takes one away. */
    readonly env?: Readonly<Record<string, string | undefined>>
    /** Whether something is typed at it. By default it has no stdin. */
    readonly stdin?: boolean
  }
): Effect.Effect<Example, never, Scope.Scope> =>
  Effect.gen(function*() {
    // Whatever the program starts inherits the environment, so this finds it.
    const mark = `EXAMPLE_UNDER_TEST=${randomUUID()}`
    const env = { ...process.env, EXAMPLE_UNDER_TEST: mark.split("=")[1], ...options?.env }
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        NodeChildProcess.spawn(
          process.execPath,
          ["--conditions=effect-codex-source", "--import", "tsx", file, ...(options?.args ?? [])],
          { cwd: folder, env, stdio: ["pipe", "pipe", "pipe"] }
        )
      ),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    if (options?.stdin !== true) {
      child.stdin.end()
    }
    const status = Deferred.unsafeMake<number | null>(FiberId.none)
    child.on("close", (code) => Deferred.unsafeDone(status, Exit.succeed(code)))

    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk))
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk))

    return {
      stdout: () => stdout,
      stderr: () => stderr,
      status: Deferred.await(status),
      printed: (text) =>
        Effect.async<void>((resume) => {
          const look = () => {
            if (stdout.includes(text)) {
              child.stdout.off("data", look)
              resume(Effect.void)
            }
          }
          child.stdout.on("data", look)
          look()
          return Effect.sync(() => child.stdout.off("data", look))
        }),
      type: (text) => Effect.sync(() => child.stdin.write(text)),
      interrupt: Effect.sync(() => child.kill("SIGINT")),
      closeStdout: Effect.sync(() => child.stdout.destroy()),
      processes: Effect.promise(() => execFile("ps", ["axeww", "-o", "command="], { maxBuffer: 64 * 1024 * 1024 }))
        .pipe(
          Effect.map(({ stdout }) => stdout.split("\n").filter((line) => line.includes(mark)).map(commandOf))
        )
    }
  })
