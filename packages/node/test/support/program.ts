import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as NodeChildProcess from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import * as ProcessTable from "../../src/internal/processTable.js"
import { endings } from "./endings.js"

/** Those of the table that `pid` has started, and those that they have. */
const descendants = (table: ProcessTable.ProcessTable, pid: number): ReadonlyArray<ProcessTable.Entry> =>
  table.filter(({ parent }) => parent === pid).flatMap((entry) => [entry, ...descendants(table, entry.pid)])

/** What a fixture had started when it said that it was ready, and what it said. */
export interface Ended {
  readonly said: string
  readonly started: ReadonlyArray<ProcessTable.Entry>
}

/** Runs a fixture until it has said a line, then until it has ended in the way given, which has no deadline here. */
export const untilEnded = (fixture: string, ending: string, ...args: ReadonlyArray<string>) =>
  Effect.acquireUseRelease(
    Effect.sync(() =>
      NodeChildProcess.spawn(process.execPath, [
        ...["--import", "tsx", "--conditions=effect-codex-source"],
        fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url)),
        ...[ending, ...args]
        // A group of its own, as a terminal gives to every program.
      ], { detached: true, stdio: "pipe" })
    ),
    (program) =>
      Effect.promise(async (): Promise<Ended> => {
        const exited = once(program, "exit")
        const pid = program.pid ?? NaN
        let said = ""
        let complained = ""
        program.stderr.on("data", (chunk) => complained += chunk)
        for await (const chunk of program.stdout.iterator({ destroyOnReturn: false })) {
          said += chunk
          if (said.endsWith("\n")) {
            break
          }
        }
        assert.match(said, /\n$/, complained)
        const started = descendants(ProcessTable.readNow(""), pid)
        program.stdin.end()
        const signal = endings[ending]?.signal
        if (signal !== undefined) {
          process.kill(-pid, signal)
        }
        await exited
        return { said, started }
      }),
    (program) => Effect.sync(() => program.kill("SIGKILL"))
  )
