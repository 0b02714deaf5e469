import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Files from "@effect-codex/sdk/Files"
import { TemporaryCodexHome } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { assertIdle, codexTest } from "./harness.js"
import { tick } from "./processes.js"

/** A path in the working folder, as the server names it. */
const pathOf = (...names: ReadonlyArray<string>) =>
  Effect.map(
    TemporaryCodexHome.TemporaryCodexHome,
    ({ cwd }) => Path.join(Fs.realpathSync(cwd), ...names)
  )

/** Waits until the server has answered that it watches. */
const watching = Effect.gen(function*() {
  const { stats } = yield* AppServer
  const waits = Effect.map(stats, ({ operations, pendingRequests }) => operations === 0 || pendingRequests > 0)
  yield* tick.pipe(Effect.zipRight(waits), Effect.repeat({ while: (waits) => waits }))
})

layer(codexTest(), { excludeTestServices: true })("files", (it) => {
  it.effect("are read and written as bytes", () =>
    Effect.gen(function*() {
      const path = yield* pathOf("bytes")
      const bytes = Uint8Array.from({ length: 1024 }, (_, i) => i % 256)
      yield* Files.writeFile(path, bytes)
      assert.deepStrictEqual(Uint8Array.from(Fs.readFileSync(path)), bytes)
      assert.deepStrictEqual(yield* Files.readFile(path), bytes)
    }))

  it.effect("are read and written as text", () =>
    Effect.gen(function*() {
      const path = yield* pathOf("text")
      yield* Files.writeFile(path, "héllo 𝄞\n")
      assert.strictEqual(Fs.readFileSync(path, "utf8"), "héllo 𝄞\n")
      assert.strictEqual(yield* Files.readFileString(path), "héllo 𝄞\n")
    }))

  it.effect("may be empty, or large", () =>
    Effect.gen(function*() {
      const path = yield* pathOf("size")
      yield* Files.writeFile(path, "")
      assert.lengthOf(yield* Files.readFile(path), 0)
      yield* Files.writeFile(path, new Uint8Array(3_000_000))
      assert.lengthOf(yield* Files.readFile(path), 3_000_000)
    }))

  it.effect("that are not there fail", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Files.readFile(yield* pathOf("none")))
      assert.strictEqual(error._tag, "RequestFailed")
    }))

  it.effect("are watched while the stream runs", () =>
    Effect.gen(function*() {
      const folder = yield* pathOf("watched")
      Fs.mkdirSync(folder)
      const file = Path.join(folder, "file")
      const reading = yield* Files.watch(folder).pipe(Stream.flattenIterables, Stream.runHead, Effect.fork)
      yield* watching
      yield* Files.writeFile(file, "changed")
      assert.deepInclude(yield* reading, { _tag: "Some", value: file })
      yield* assertIdle
    }))

  it.effect("are watched before they are there", () =>
    Effect.gen(function*() {
      const file = yield* pathOf("later")
      const reading = yield* Files.watch(file).pipe(Stream.runHead, Effect.fork)
      yield* watching
      yield* Files.writeFile(file, "there")
      assert.deepInclude(yield* reading, { _tag: "Some", value: [file] })
    }))

  it.effect("are not watched any more after an interruption", () =>
    Effect.gen(function*() {
      const reading = yield* Files.watch(yield* pathOf("gone")).pipe(Stream.runDrain, Effect.fork)
      yield* watching
      yield* Fiber.interrupt(reading)
      yield* assertIdle
    }))

  it.effect("cannot be watched by a relative path", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Stream.runDrain(Files.watch("relative")))
      assert.strictEqual(error._tag, "RequestFailed")
      yield* assertIdle
    }))
})
