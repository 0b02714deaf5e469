import type { TransportError } from "@effect-codex/sdk/CodexError"
import type { Transport } from "@effect-codex/sdk/Transport"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Os from "node:os"
import * as Path from "node:path"
import type { Options } from "../DaemonTransport.js"
import * as WebSocketTransport from "./webSocketTransport.js"

// Where an app-server listens that is told `--listen unix://`.
const controlSocket = Path.join("app-server-control", "app-server-control.sock")

// codex takes a variable that is empty for one that is not there.
const defaultHome = (): string => process.env["CODEX_HOME"] || Path.join(Os.homedir(), ".codex")

/** @internal */
export const make = (
  { codexHome, ...options }: Options = {}
): Effect.Effect<Context.Tag.Service<typeof Transport>, TransportError, Scope.Scope> =>
  Effect.suspend(() =>
    WebSocketTransport.make(
      { ...options, url: `unix://${Path.resolve(codexHome ?? defaultHome(), controlSocket)}` },
      "start the daemon with `codex app-server daemon start`, in the same CODEX_HOME"
    )
  )
