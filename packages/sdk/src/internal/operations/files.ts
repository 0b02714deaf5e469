import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Stream from "effect/Stream"
import { type EventsError, type RequestError, UndecodableResult } from "../../CodexError.js"
import type { Connection } from "../connection/connection.js"
import { uninterrupted } from "../connection/uninterrupted.js"
import * as Operations from "./operations.js"

/** @internal */
export const readFile = (connection: Connection, path: string): Effect.Effect<Uint8Array, RequestError> =>
  Effect.flatMap(connection.request("fs/readFile", { path }), (result) =>
    Effect.mapError(
      Encoding.decodeBase64(result.dataBase64),
      ({ message }) => new UndecodableResult({ method: "fs/readFile", result, issue: message ?? "not base64" })
    ))

/** @internal */
export const writeFile = (
  connection: Connection,
  path: string,
  data: string | Uint8Array
): Effect.Effect<void, RequestError> =>
  Effect.suspend(() =>
    Effect.asVoid(connection.request("fs/writeFile", { path, dataBase64: Encoding.encodeBase64(data) }))
  )

/** @internal */
export const watch = (
  connection: Connection,
  path: string
): Stream.Stream<ReadonlyArray<string>, RequestError | EventsError> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    const { config, request } = connection
    const watchId = yield* Operations.makeId
    const events = yield* Operations.claim(connection, "watchId", watchId)
    // The server accepts this also where the watch was refused, or is not answered yet.
    yield* Effect.addFinalizer(() =>
      Effect.ignore(uninterrupted(request("fs/unwatch", { watchId }, { timeout: config.interruptGrace })))
    )
    yield* request("fs/watch", { path, watchId })
    return Stream.mapConcat(events, (event) => event._tag === "FsChanged" ? [event.changedPaths] : [])
  }))
