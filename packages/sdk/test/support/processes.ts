import { AppServer, ExperimentalApi } from "@effect-codex/sdk/AppServer"
import type { RequestError } from "@effect-codex/sdk/CodexError"
import * as Command from "@effect-codex/sdk/Command"
import * as Process from "@effect-codex/sdk/Process"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Env } from "./env.js"

export const base64 = (data: string | Uint8Array) => Encoding.encodeBase64(data)

/** What is left of an output, as text. */
export const textOf = <E>(output: Stream.Stream<Uint8Array, E>): Effect.Effect<string, E> =>
  output.pipe(Stream.decodeText(), Stream.mkString)

export const exec = (
  { appServer }: Env,
  options: Partial<Command.Options> = {}
): Effect.Effect<Process.Process, RequestError, Scope.Scope> =>
  Effect.provideService(Command.exec({ command: ["cat"], ...options }), AppServer, appServer)

export const spawn = (
  { appServer }: Env,
  options: Partial<Process.Options> = {}
): Effect.Effect<Process.Process, RequestError, Scope.Scope> =>
  Process.spawn({ command: ["cat"], cwd: "/", ...options }).pipe(
    Effect.provideService(AppServer, appServer),
    Effect.provideService(ExperimentalApi, { enabled: true })
  )

/** A command that the server has been asked to run, in the scope of the test. */
export const running = Effect.fnUntraced(function*(env: Env, options: Partial<Command.Options> = {}) {
  const command = yield* exec(env, options)
  const { id, params } = yield* env.server.takeRequest("command/exec")
  const processId = params.processId ?? ""
  return {
    command,
    processId,
    params,
    prints: (data: string | Uint8Array, stream: "stdout" | "stderr" = "stdout") =>
      env.server.notify("command/exec/outputDelta", {
        processId,
        stream,
        deltaBase64: base64(data),
        capReached: false
      }),
    exits: (exitCode: number) => env.server.respond(id, { exitCode, stdout: "", stderr: "" }),
    refuses: (message: string) => env.server.fail(id, { code: -32603, message })
  }
})

/** Takes a `command/exec/terminate` and does as it says. */
export const terminated = (env: Env, { exits }: { readonly exits: (exitCode: number) => Effect.Effect<void> }) =>
  Effect.gen(function*() {
    const { id, params } = yield* env.server.takeRequest("command/exec/terminate")
    yield* env.server.respond(id, {})
    yield* exits(137)
    return params
  })
