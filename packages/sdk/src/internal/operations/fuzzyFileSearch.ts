import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Mailbox from "effect/Mailbox"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { ExperimentalApi } from "../../AppServer.js"
import type { ConnectionClosed, RequestError } from "../../CodexError.js"
import type { Options, Results, Session } from "../../FuzzyFileSearch.js"
import type { Connection } from "../connection/connection.js"
import { uninterrupted } from "../connection/uninterrupted.js"
import * as Operations from "./operations.js"

/** @internal */
export const session = (
  connection: Connection,
  options: Options
): Effect.Effect<Session, RequestError, ExperimentalApi | Scope.Scope> =>
  Effect.gen(function*() {
    const { config, request } = connection
    const context = yield* Effect.context<ExperimentalApi>()
    const sessionId = yield* Operations.makeId
    const state = new SessionState()

    yield* Operations.receive(connection, "sessionId", sessionId, state)
    yield* Effect.addFinalizer(() => Effect.sync(() => state.end(Exit.void)))
    // The server accepts this also where there is no such session.
    yield* Effect.addFinalizer(() =>
      Effect.ignore(
        uninterrupted(request("fuzzyFileSearch/sessionStop", { sessionId }, { timeout: config.interruptGrace }))
      )
    )
    yield* request("fuzzyFileSearch/sessionStart", { ...options, sessionId })

    return {
      search: (query) =>
        Effect.suspend(() => {
          state.begin(query)
          return request("fuzzyFileSearch/sessionUpdate", { sessionId, query })
        }).pipe(Effect.asVoid, Effect.provide(context)),
      results: Stream.unwrapScoped(Effect.map(
        Effect.acquireRelease(
          Effect.tap(makeReader, (reader) => Effect.sync(() => state.add(reader))),
          (reader) => Effect.sync(() => state.remove(reader))
        ),
        (reader) => Mailbox.toStream(reader)
      ))
    }
  })

type Reader = Mailbox.Mailbox<Results, ConnectionClosed>

/** A reader holds one element, since results that are newer say everything that older ones do. */
const makeReader: Effect.Effect<Reader> = Mailbox.make<Results, ConnectionClosed>({ capacity: 1, strategy: "sliding" })

/** What the latest query has brought, and who reads it. The router fills it. */
class SessionState implements Operations.Receiver<Operations.Event<"sessionId">> {
  readonly #readers = new Set<Reader>()
  #query: string | undefined
  #results: Results | undefined
  #exit: Exit.Exit<void, ConnectionClosed> | undefined

  begin(query: string): void {
    this.#query = query
    this.#results = undefined
  }

  offer(event: Operations.Event<"sessionId">): void {
    // `sessionCompleted` names no query and comes in any order with the results, so nothing can be concluded from it.
    if (event._tag === "FuzzyFileSearchSessionUpdated" && event.query === this.#query) {
      this.#results = { query: event.query, files: event.files }
      for (const reader of this.#readers) {
        reader.unsafeOffer(this.#results)
      }
    }
  }

  end(exit: Exit.Exit<void, ConnectionClosed>): void {
    this.#exit ??= exit
    for (const reader of this.#readers) {
      reader.unsafeDone(this.#exit)
    }
  }

  add(reader: Reader): void {
    this.#readers.add(reader)
    if (this.#results !== undefined) {
      reader.unsafeOffer(this.#results)
    }
    if (this.#exit !== undefined) {
      reader.unsafeDone(this.#exit)
    }
  }

  remove(reader: Reader): void {
    this.#readers.delete(reader)
  }
}
