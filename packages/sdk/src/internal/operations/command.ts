import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { type RequestError, RequestTimeout } from "../../CodexError.js"
import type { Options } from "../../Command.js"
import type { Process as Handle } from "../../Process.js"
import * as Bounded from "../connection/bounded.js"
import type { Connection } from "../connection/connection.js"
import { isRecord } from "../connection/envelope.js"
import * as Operations from "./operations.js"
import * as Process from "./process.js"

/**
 * The answer to `command/exec` is the end of the command, so the request is open for as long as it runs. The handle is
 * there as soon as the request is sent: what is asked about the command from then on comes after it.
 *
 * @internal
 */
export const exec = (
  connection: Connection,
  { bufferBytes, timeout, ...params }: Options
): Effect.Effect<Handle, RequestError, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const { request } = connection
      const processId = yield* Operations.makeId
      const running = yield* Process.makeRunning(bufferBytes)
      const sent = yield* Deferred.make<void, RequestError>()
      const timeoutMs = Process.toMillis(timeout)
      const kill = request("command/exec/terminate", { processId }, { timeout: connection.config.interruptGrace })

      yield* Operations.receive(connection, "processId", processId, running.receiver)
      yield* request("command/exec", {
        ...params,
        ...(timeoutMs === undefined ? { disableTimeout: true } : { timeoutMs }),
        processId,
        streamStdoutStderr: true,
        disableOutputCap: true
      }, {
        timeout: Duration.infinity,
        onSent: () => Deferred.unsafeDone(sent, Exit.void),
        onResult: (result) => {
          const exitCode = isRecord(result) ? result["exitCode"] : undefined
          if (typeof exitCode === "number") {
            running.end(Exit.succeed(exitCode))
          }
        }
      }).pipe(
        Effect.onExit((exit) =>
          Effect.sync(() => {
            running.end(Exit.map(exit, ({ exitCode }) => exitCode))
            Deferred.unsafeDone(sent, Exit.asVoid(exit))
          })
        ),
        Effect.interruptible,
        Effect.forkScoped
      )
      // Runs before the request is given up and the output is not taken any more.
      yield* Effect.addFinalizer(() => Process.release(connection, running, kill))
      const deadline = Duration.decode(connection.config.requestTimeout)
      yield* restore(
        Bounded.timeoutFail(Deferred.await(sent), {
          duration: deadline,
          onTimeout: () => new RequestTimeout({ method: "command/exec", timeout: deadline })
        })
      )

      return yield* Process.makeHandle(running, {
        write: (piece) => request("command/exec/write", { processId, ...piece }, { timeout: Duration.infinity }),
        resize: (size) => request("command/exec/resize", { processId, size }),
        kill
      })
    })
  )
