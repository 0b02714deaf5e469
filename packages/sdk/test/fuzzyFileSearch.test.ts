import { AppServer, ExperimentalApi } from "@effect-codex/sdk/AppServer"
import * as FuzzyFileSearch from "@effect-codex/sdk/FuzzyFileSearch"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { type Env, promise, settle } from "./support/env.js"

const experimental = { experimentalApi: true }

const file = (path: string) => ({ root: "/srv", path, file_name: path, match_type: "file", score: 1 })

const open = ({ appServer }: Env) =>
  FuzzyFileSearch.session({ roots: ["/srv"] }).pipe(
    Effect.provideService(AppServer, appServer),
    Effect.provideService(ExperimentalApi, { enabled: true })
  )

/** A session that the server has accepted, in a scope that the test closes. */
const started = Effect.fnUntraced(function*(env: Env) {
  const scope = yield* Scope.make()
  const opening = yield* Effect.fork(Scope.extend(open(env), scope))
  const { id, params } = yield* env.server.takeRequest("fuzzyFileSearch/sessionStart")
  yield* env.server.respond(id, {})
  const { sessionId } = params
  const session = yield* opening
  return {
    session,
    sessionId,
    finds: (query: string, ...paths: ReadonlyArray<string>) =>
      env.server.notify("fuzzyFileSearch/sessionUpdated", { sessionId, query, files: paths.map(file) }),
    completes: env.server.notify("fuzzyFileSearch/sessionCompleted", { sessionId }),
    /** The query, which the server accepts. */
    searches: Effect.fnUntraced(function*(query: string) {
      const searching = yield* Effect.fork(session.search(query))
      const update = yield* env.server.takeRequest("fuzzyFileSearch/sessionUpdate")
      assert.deepStrictEqual(update.params, { sessionId, query })
      yield* env.server.respond(update.id, {})
      yield* searching
    }),
    close: Effect.gen(function*() {
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      const stop = yield* env.server.takeRequest("fuzzyFileSearch/sessionStop")
      assert.strictEqual(stop.params.sessionId, sessionId)
      yield* env.server.respond(stop.id, {})
      yield* closing
    })
  }
})

const shown = ({ files, query }: FuzzyFileSearch.Results) => `${query}: ${files.map(({ path }) => path).join(" ")}`

describe("a search session", () => {
  promise(
    "gives the results of the latest query only, and ends its results when it is closed",
    (env) =>
      Effect.gen(function*() {
        const { close, completes, finds, searches, session } = yield* started(env)
        const results = yield* session.results.pipe(Stream.map(shown), Stream.runCollect, Effect.fork)
        yield* settle
        yield* finds("")
        yield* completes
        yield* searches("al")
        yield* finds("al", "alpha")
        yield* settle
        yield* finds("al", "alpha", "alps")
        yield* settle
        yield* searches("be")
        yield* finds("al", "alpha", "alps", "also")
        yield* finds("be", "beta")
        yield* settle
        yield* completes
        yield* close
        assert.deepStrictEqual(Array.from(yield* results), [
          "al: alpha",
          "al: alpha alps",
          "be: beta"
        ])
      }),
    experimental
  )

  promise("gives a slow or late reader the newest results", (env) =>
    Effect.gen(function*() {
      const { close, finds, searches, session } = yield* started(env)
      const latch = yield* Effect.makeLatch()
      const slow = yield* session.results.pipe(
        Stream.map(shown),
        Stream.tap(() => latch.await),
        Stream.take(2),
        Stream.runCollect,
        Effect.fork
      )
      yield* settle
      yield* searches("a")
      yield* finds("a", "1")
      yield* settle
      yield* Effect.forEach(["2", "3", "4"], (path) => finds("a", path))
      assert.deepStrictEqual(Option.map(yield* Stream.runHead(session.results), shown), Option.some("a: 4"))
      yield* latch.open
      assert.deepStrictEqual(Array.from(yield* slow), ["a: 1", "a: 4"])
      yield* close
    }), experimental)

  promise("is stopped when it is interrupted before the server has answered", (env) =>
    Effect.gen(function*() {
      const opening = yield* Effect.fork(Effect.scoped(open(env)))
      const { params } = yield* env.server.takeRequest("fuzzyFileSearch/sessionStart")
      const interrupting = yield* Effect.fork(Fiber.interrupt(opening))
      const stop = yield* env.server.takeRequest("fuzzyFileSearch/sessionStop")
      assert.strictEqual(stop.params.sessionId, params.sessionId)
      yield* TestClock.adjust("5 seconds")
      yield* interrupting
    }), experimental)

  promise("fails with the connection", (env) =>
    Effect.gen(function*() {
      const { searches, session } = yield* started(env)
      yield* searches("al")
      const reading = yield* Effect.fork(Effect.flip(Stream.runDrain(session.results)))
      yield* settle
      yield* env.close
      assert.strictEqual((yield* reading)._tag, "ConnectionClosed")
      assert.strictEqual((yield* Effect.flip(Stream.runDrain(session.results)))._tag, "ConnectionClosed")
      assert.strictEqual((yield* Effect.flip(session.search("be")))._tag, "ConnectionClosed")
    }), experimental)
})
