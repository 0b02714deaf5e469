import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import type { ExperimentalApi } from "../../AppServer.js"
import type { RequestError } from "../../CodexError.js"
import type { Options, Process as Handle } from "../../Process.js"
import type { Connection } from "../connection/connection.js"
import * as Operations from "./operations.js"
import * as Process from "./process.js"

/** @internal */
export const spawn = (
  connection: Connection,
  { bufferBytes, timeout, ...params }: Options
): Effect.Effect<Handle, RequestError, ExperimentalApi | Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const { request } = connection
      const processHandle = yield* Operations.makeId
      const running = yield* Process.makeRunning(bufferBytes)
      const kill = request("process/kill", { processHandle }, { timeout: connection.config.interruptGrace })

      yield* Operations.receive(connection, "processHandle", processHandle, running.receiver)
      // The id is ours, so that even a process whose spawning is not answered can be killed.
      yield* Effect.addFinalizer(() => Process.release(connection, running, kill))
      yield* restore(request("process/spawn", {
        ...params,
        timeoutMs: Process.toMillis(timeout) ?? null,
        processHandle,
        streamStdoutStderr: true,
        outputBytesCap: null
      })).pipe(
        Effect.tapError((error) => Effect.sync(() => mayRun(error) ? undefined : running.end(Exit.fail(error))))
      )

      return yield* Process.makeHandle(running, {
        write: (piece) => request("process/writeStdin", { processHandle, ...piece }, { timeout: Duration.infinity }),
        resize: (size) => request("process/resizePty", { processHandle, size }),
        kill
      })
    })
  )

const mayRun = (error: RequestError) => error._tag === "RequestTimeout" || error._tag === "UndecodableResult"
