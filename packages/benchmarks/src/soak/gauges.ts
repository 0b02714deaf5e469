import type { AppServer } from "@effect-codex/sdk"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Supervisor from "effect/Supervisor"
import * as NodeChildProcess from "node:child_process"
import * as Fs from "node:fs"
import { promisify } from "node:util"

/** What is held at a moment. Sizes are in bytes. */
export interface Sample {
  /** Milliseconds since the beginning. */
  readonly at: number
  /** Used after a collection, where the program may ask for one. */
  readonly heap: number
  readonly fibers: number
  readonly registry: Registry
  readonly descriptors: number
  /** Resident memory of the app-server. */
  readonly server: number
}

export type Registry = Pick<
  AppServer.Stats,
  "operations" | "pendingRequests" | "serverRequests" | "threads" | "turns"
>

export const registryOf = (
  { operations, pendingRequests, serverRequests, threads, turns }: AppServer.Stats
): Registry => ({
  pendingRequests,
  turns,
  threads,
  operations,
  serverRequests
})

/** Counts the fibers that live, whoever started them, in all that it supervises. */
export class FiberCount extends Supervisor.AbstractSupervisor<number> {
  #live = 0
  override get value() {
    return Effect.sync(() => this.#live)
  }
  override onStart(): void {
    this.#live++
  }
  override onEnd(): void {
    this.#live--
  }
}

const { gc } = globalThis

const collect = Effect.sync(() => {
  gc?.()
})

const heapUsed = Effect.zipRight(collect, Effect.sync(() => process.memoryUsage().heapUsed))

const descriptorFolder = ["/proc/self/fd", "/dev/fd"].find((folder) => Fs.existsSync(folder))

/** Those that are open, without the one that reading the folder takes. */
export const descriptors = Effect.sync(() =>
  descriptorFolder === undefined ? 0 : Fs.readdirSync(descriptorFolder).length - 1
)

const execFile = promisify(NodeChildProcess.execFile)

interface Process {
  readonly pid: number
  readonly parent: number
  readonly rss: number
  readonly command: string
}

const processes = Effect.map(
  Effect.promise(() => execFile("ps", ["-A", "-o", "pid=,ppid=,rss=,args="], { maxBuffer: 64 * 1024 * 1024 })),
  ({ stdout }) =>
    stdout.split("\n").flatMap((row): ReadonlyArray<Process> => {
      const [, pid, parent, rss, command] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? []
      return command === undefined
        ? []
        : [{ pid: Number(pid), parent: Number(parent), rss: Number(rss) * 1024, command }]
    })
)

/** The app-servers that this program has started and that still run. */
export const appServers = Effect.map(
  processes,
  (all) => all.filter(({ command, parent }) => parent === process.pid && / app-server\b/.test(command))
)

export const sample = (
  { count, stats }: { readonly count: FiberCount; readonly stats: Effect.Effect<AppServer.Stats> },
  clock: Clock.Clock,
  since: number
): Effect.Effect<Sample> =>
  Effect.gen(function*() {
    const fibers = yield* count.value
    const registry = registryOf(yield* stats)
    const open = yield* descriptors
    const [server] = yield* appServers
    return {
      at: clock.unsafeCurrentTimeMillis() - since,
      heap: yield* heapUsed,
      fibers,
      registry,
      descriptors: open,
      server: server?.rss ?? 0
    }
  })
