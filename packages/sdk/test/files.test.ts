import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Files from "@effect-codex/sdk/Files"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { type Env, type Options, promise, settle } from "./support/env.js"

const watch = ({ appServer }: Env) => Stream.provideService(Files.watch("/srv"), AppServer, appServer)

const changed = ({ server }: Env, watchId: string, changedPaths: ReadonlyArray<string>) =>
  server.notify("fs/changed", { watchId, changedPaths })

/** Takes a `fs/watch` and accepts it. */
const watched = Effect.fnUntraced(function*({ server }: Env) {
  const { id, params } = yield* server.takeRequest("fs/watch")
  yield* server.respond(id, { path: params.path })
  return params
})

/** Takes a `fs/unwatch` and accepts it. */
const unwatched = Effect.fnUntraced(function*({ server }: Env) {
  const { id, params } = yield* server.takeRequest("fs/unwatch")
  yield* server.respond(id, {})
  return params.watchId
})

describe("readFile", () => {
  promise("fails where what the server answers is not base64", ({ appServer, server }) =>
    Effect.gen(function*() {
      const reading = yield* Effect.fork(
        Effect.flip(Effect.provideService(Files.readFile("/x"), AppServer, appServer))
      )
      const { id } = yield* server.takeRequest("fs/readFile")
      yield* server.respond(id, { dataBase64: "!" })
      assert.deepInclude(yield* reading, { _tag: "UndecodableResult", method: "fs/readFile" })
    }))
})

describe("watch", () => {
  promise("gives what changes from the request on, and unwatches when it has enough", (env) =>
    Effect.gen(function*() {
      const watching = yield* watch(env).pipe(Stream.take(2), Stream.runCollect, Effect.fork)
      const { id, params } = yield* env.server.takeRequest("fs/watch")
      assert.strictEqual(params.path, "/srv")
      yield* changed(env, params.watchId, ["/srv/early"])
      yield* env.server.respond(id, { path: "/srv" })
      yield* changed(env, "another", ["/other"])
      yield* changed(env, params.watchId, ["/srv/a", "/srv/b"])
      assert.strictEqual(yield* unwatched(env), params.watchId)
      assert.deepStrictEqual(Array.from(yield* watching), [["/srv/early"], ["/srv/a", "/srv/b"]])
    }))

  promise("watches anew with every run", (env) =>
    Effect.gen(function*() {
      const one = yield* Effect.fork(Stream.runDrain(watch(env)))
      const two = yield* Effect.fork(Stream.runDrain(watch(env)))
      const ids = [(yield* watched(env)).watchId, (yield* watched(env)).watchId]
      assert.strictEqual(new Set(ids).size, 2)
      yield* settle
      const interrupting = yield* Effect.fork(Fiber.interruptAll([one, two]))
      assert.sameMembers([yield* unwatched(env), yield* unwatched(env)], ids)
      yield* interrupting
    }))

  promise("unwatches when it is interrupted before the server has answered", (env) =>
    Effect.gen(function*() {
      const watching = yield* Effect.fork(Stream.runDrain(watch(env)))
      const { params } = yield* env.server.takeRequest("fs/watch")
      const interrupting = yield* Effect.fork(Fiber.interrupt(watching))
      assert.strictEqual(yield* unwatched(env), params.watchId)
      yield* interrupting
    }))

  promise("does not wait longer than the grace for the answer to that", (env) =>
    Effect.gen(function*() {
      const watching = yield* Effect.fork(Stream.runDrain(watch(env)))
      yield* watched(env)
      yield* settle
      const interrupting = yield* Effect.fork(Fiber.interrupt(watching))
      yield* env.server.takeRequest("fs/unwatch")
      yield* TestClock.adjust("4 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.poll(interrupting)))
      yield* TestClock.adjust("1 second")
      yield* interrupting
    }))

  promise("fails with the connection, and with what the server refuses", (env) =>
    Effect.gen(function*() {
      const refused = yield* Effect.fork(Effect.flip(Stream.runDrain(watch(env))))
      const { id } = yield* env.server.takeRequest("fs/watch")
      yield* env.server.fail(id, { code: -32600, message: "Invalid request" })
      yield* unwatched(env)
      assert.strictEqual((yield* refused)._tag, "RequestFailed")

      const closed = yield* Effect.fork(Effect.flip(Stream.runDrain(watch(env))))
      yield* watched(env)
      yield* settle
      yield* env.close
      assert.strictEqual((yield* closed)._tag, "ConnectionClosed")
    }))

  const small: Options = { config: { eventCapacity: 2 } }
  promise("fails a reader that is too slow, after what waited", (env) =>
    Effect.gen(function*() {
      const latch = yield* Effect.makeLatch()
      const seen: Array<string> = []
      const reading = yield* watch(env).pipe(
        Stream.runForEach((paths) => Effect.zipRight(Effect.sync(() => seen.push(...paths)), latch.await)),
        Effect.flip,
        Effect.fork
      )
      const { watchId } = yield* watched(env)
      yield* changed(env, watchId, ["first"])
      yield* settle
      yield* Effect.forEach(["a", "b", "c"], (path) => changed(env, watchId, [path]))
      yield* latch.open
      yield* unwatched(env)
      assert.strictEqual((yield* reading)._tag, "EventOverflow")
      assert.deepStrictEqual(seen, ["first", "a", "b"])
    }), small)
})
