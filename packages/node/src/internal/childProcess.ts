import { TransportError } from "@effect-codex/sdk/CodexError"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as NodeChildProcess from "node:child_process"
import type { Readable, Writable } from "node:stream"
import type { Command } from "./command.js"
import * as ProcessTree from "./processTree.js"
import type * as Watchdog from "./watchdog.js"

/** @internal */
export interface ProcessExit {
  readonly exitCode: number | null
  readonly signal: string | null
}

/**
 * A process that has been started, with what happens to it as values.
 *
 * @internal
 */
export interface ChildProcess {
  readonly pid: number
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  readonly tree: ProcessTree.ProcessTree
  readonly exited: Deferred.Deferred<ProcessExit>
  /** Done once everything was read; holds the failure where reading failed. */
  readonly stdoutEnded: Deferred.Deferred<Option.Option<unknown>>
  readonly stderrEnded: Deferred.Deferred<void>
  /** Takes away what would end the tree if the program could not. */
  readonly unguard: Effect.Effect<void>
  /** Lets go of the pipes and the handle, whatever became of the process. */
  readonly release: () => void
}

/**
 * Called from the data events. stdout stays paused until someone resumes it; stderr flows from the start.
 *
 * @internal
 */
export interface Readers {
  readonly onStdout: (chunk: Buffer, stdout: Readable) => void
  readonly onStderr: (chunk: Buffer) => void
}

/**
 * Starts what ends the tree when the program cannot, and answers what takes it away.
 *
 * @internal
 */
export type Guard = (leader: Watchdog.Leader) => Effect.Effect<void>

const codeOf = (cause: unknown): string | undefined =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : undefined

const detailOf = (command: Command, cause: unknown): string => {
  const code = codeOf(cause)
  switch (code) {
    case "ENOENT":
      return `${command.file} cannot be run: it, or the interpreter that its first line names, does not exist`
    case "EACCES":
    case "EPERM":
      return `${command.file} may not be run by this user: check its permissions and those of the working directory`
    case "ENOEXEC":
      return `${command.file} is no program for ${process.platform}-${process.arch}: install the one for this platform`
    case "EMFILE":
    case "ENFILE":
      return `too many open files to start ${command.file}: raise the limit (ulimit -n) or close some`
    default:
      return `${command.file} could not be started${code === undefined ? "" : ` (${code})`}: see the cause`
  }
}

const openError = (command: Command, cause: unknown): TransportError =>
  new TransportError({ reason: "Open", detail: detailOf(command, cause), cause })

const settle = <A>(deferred: Deferred.Deferred<A>, value: A): void => Deferred.unsafeDone(deferred, Exit.succeed(value))

const onEnd = (stream: Readable, done: (failure: Option.Option<unknown>) => void): void => {
  stream.on("end", () => done(Option.none()))
  stream.on("error", (cause) => done(Option.some(cause)))
  // Of a stream that is destroyed neither of the two may come.
  stream.on("close", () => done(Option.none()))
}

const fromNode = (
  child: NodeChildProcess.ChildProcessWithoutNullStreams,
  pid: number,
  mark: string,
  readers: Readers,
  guard: Guard
): ChildProcess => {
  const { stderr, stdin, stdout } = child
  const tree = ProcessTree.make(pid, mark)
  const unguard = guard({ pid, stdin, mark })
  const exited = Deferred.unsafeMake<ProcessExit>(FiberId.none)
  const stdoutEnded = Deferred.unsafeMake<Option.Option<unknown>>(FiberId.none)
  const stderrEnded = Deferred.unsafeMake<void>(FiberId.none)

  // Paused in so many words: a data listener alone would make it flow. It is attached at once all the same, because
  // Node discards what is left in a pipe nobody listens to when the process exits.
  stdout.pause()
  stdout.on("data", (chunk: Buffer) => readers.onStdout(chunk, stdout))
  stderr.on("data", readers.onStderr)
  onEnd(stdout, (failure) => settle(stdoutEnded, failure))
  onEnd(stderr, () => settle(stderrEnded, undefined))
  // A broken pipe is an ordinary end here and must not become an uncaught exception; `send` sees it on the stream.
  stdin.on("error", () => {})
  child.on("exit", (exitCode, signal) => {
    tree.leaderExited()
    settle(exited, { exitCode, signal })
  })

  return {
    pid,
    stdin,
    stdout,
    stderr,
    tree,
    exited,
    stdoutEnded,
    stderrEnded,
    unguard,
    release() {
      tree.release()
      stdin.destroy()
      stdout.destroy()
      stderr.destroy()
      child.unref()
    }
  }
}

// Every descendant inherits it, so that it is known by it when nothing else tells where it came from.
const markName = "EFFECT_CODEX_PROCESS"

/**
 * Starts the process in a group of its own and waits until the system has taken it or refused it, which it does at
 * once. The caller owns what comes back; `Shutdown` ends it.
 *
 * @internal
 */
export const spawn = (command: Command, readers: Readers, guard: Guard): Effect.Effect<ChildProcess, TransportError> =>
  Effect.async((resume) => {
    const id = crypto.randomUUID()
    const unusable = Object.keys(command.env).find((name) => command.env[name]?.includes("\0"))
    if (unusable !== undefined) {
      // Node refuses it as well, and repeats its value.
      const detail = `the value of the variable ${unusable} holds a null byte, which no environment can: take it out`
      resume(Effect.fail(new TransportError({ reason: "Open", detail })))
      return
    }
    try {
      const child = NodeChildProcess.spawn(command.file, command.args, {
        cwd: command.cwd,
        env: { ...command.env, [markName]: id },
        detached: process.platform !== "win32",
        stdio: "pipe",
        windowsHide: true
      })
      child.on("error", (cause) => resume(Effect.fail(openError(command, cause))))
      if (child.pid !== undefined) {
        const started = fromNode(child, child.pid, `${markName}=${id}`, readers, guard)
        child.once("spawn", () => resume(Effect.succeed(started)))
      }
    } catch (cause) {
      resume(Effect.fail(openError(command, cause)))
    }
  })
