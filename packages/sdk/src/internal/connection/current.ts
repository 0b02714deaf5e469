import * as Effect from "effect/Effect"
import { AppServer } from "../../AppServer.js"
import type { ConnectionClosed } from "../../CodexError.js"
import type { Connection } from "./connection.js"

/**
 * The connection of the context: what begins on it stays on it, whatever comes after it.
 *
 * @internal
 */
export const current: Effect.Effect<Connection, ConnectionClosed, AppServer> = Effect.flatMap(
  AppServer,
  ({ connection }) => connection.current
)
