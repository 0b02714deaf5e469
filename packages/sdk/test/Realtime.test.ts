import { ExperimentalApi } from "@effect-codex/sdk/AppServer"
import type * as Realtime from "@effect-codex/sdk/Realtime"
import type { TransportEnd } from "@effect-codex/sdk/Transport"
import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { type Env, promise as promiseOf, settle } from "./support/env.js"
import { threadId } from "./support/talk.js"

const promise: typeof promiseOf = (name, body, options) => promiseOf(name, body, { ...options, experimentalApi: true })

const end: TransportEnd = { reason: "EndOfStream", exitCode: null, signal: null, stderrTail: "", cause: undefined }

const opening = ({ thread }: Env, options?: Partial<Realtime.Options>) =>
  Effect.provideService(thread.realtime({ outputModality: "audio", ...options }), ExperimentalApi, { enabled: true })

/** What the server says of a session. */
const tell = ({ server }: Env) => ({
  started: server.notify("thread/realtime/started", { threadId, realtimeSessionId: "session-1", version: "v2" }),
  audio: (data: string) =>
    server.notify("thread/realtime/outputAudio/delta", {
      threadId,
      audio: { data, sampleRate: 24_000, numChannels: 1 }
    }),
  delta: (delta: string) => server.notify("thread/realtime/transcript/delta", { threadId, role: "assistant", delta }),
  done: (text: string) => server.notify("thread/realtime/transcript/done", { threadId, role: "assistant", text }),
  item: (id: string) =>
    server.notify("thread/realtime/item/completed", {
      threadId,
      item: { type: "transcriptSegment", id, realtimeSessionId: "session-1", role: "user", text: id }
    }),
  error: (message: string) => server.notify("thread/realtime/error", { threadId, message }),
  closed: (reason: string) => server.notify("thread/realtime/closed", { threadId, reason })
})

/** An open session, and the scope it belongs to. */
const open = (env: Env, options?: Partial<Realtime.Options>) =>
  Effect.gen(function*() {
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
    const fiber = yield* Effect.fork(Scope.extend(opening(env, options), scope))
    const { id } = yield* env.server.takeRequest("thread/realtime/start")
    yield* env.server.respond(id, {})
    yield* tell(env).started
    return { session: yield* fiber, close: Scope.close(scope, Exit.void) }
  })

/** Takes the request to stop the session and does what the server does. */
const stopped = (env: Env) =>
  Effect.gen(function*() {
    const { id, params } = yield* env.server.takeRequest("thread/realtime/stop")
    assert.deepStrictEqual(params, { threadId })
    yield* env.server.respond(id, {})
    yield* tell(env).closed("requested")
  })

const closing = (env: Env, close: Effect.Effect<void>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(close)
    yield* stopped(env)
    yield* fiber
  })

const collect = <A, E>(stream: Stream.Stream<A, E>) => Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

describe("opening a realtime session", () => {
  promise("waits until the server has opened it", (env) =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const fiber = yield* Effect.fork(Scope.extend(opening(env), scope))
      const { id, params } = yield* env.server.takeRequest("thread/realtime/start")
      assert.deepStrictEqual(params, { threadId, outputModality: "audio" })
      yield* env.server.respond(id, {})
      yield* settle
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      yield* tell(env).started
      assert.deepInclude(yield* fiber, { threadId, realtimeSessionId: "session-1", version: "v2" })
      yield* closing(env, Scope.close(scope, Exit.void))
    }))

  promise("succeeds where the session was open before the request was answered", (env) =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const fiber = yield* Effect.fork(Scope.extend(opening(env), scope))
      const { id } = yield* env.server.takeRequest("thread/realtime/start")
      yield* tell(env).started
      yield* env.server.respond(id, {})
      yield* fiber
      yield* closing(env, Scope.close(scope, Exit.void))
    }))

  promise(
    "fails with RealtimeClosed and the server's words where nobody can be reached",
    (env) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(Effect.flip(Effect.scoped(opening(env))))
        const { id } = yield* env.server.takeRequest("thread/realtime/start")
        yield* env.server.respond(id, {})
        yield* tell(env).error("realtime needs an API key")
        yield* stopped(env)
        const error = yield* fiber
        assert.deepInclude(error, {
          _tag: "RealtimeClosed",
          reason: "error",
          serverMessage: "realtime needs an API key"
        })
        assert.include(error.message, "realtime needs an API key")
      })
  )

  promise("waits no longer than its deadline, also where it cannot be interrupted", (env) =>
    Effect.gen(function*() {
      const fiber = yield* opening(env).pipe(Effect.uninterruptible, Effect.scoped, Effect.flip, Effect.fork)
      const { id } = yield* env.server.takeRequest("thread/realtime/start")
      yield* env.server.respond(id, {})
      yield* TestClock.adjust("60 seconds")
      const stop = yield* env.server.takeRequest("thread/realtime/stop")
      yield* env.server.respond(stop.id, {})
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual((yield* fiber)._tag, "RequestTimeout")
    }))

  promise("is stopped where its answer makes no sense, since it may be open", (env) =>
    Effect.gen(function*() {
      const fiber = yield* opening(env).pipe(Effect.scoped, Effect.flip, Effect.fork)
      const { id } = yield* env.server.takeRequest("thread/realtime/start")
      yield* env.server.send({ id, result: "what" })
      yield* tell(env).started
      yield* stopped(env)
      assert.strictEqual((yield* fiber)._tag, "UndecodableResult")
    }))

  promise("fails as its request does, and stops nothing then", (env) =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Effect.flip(Effect.scoped(opening(env))))
      const { id } = yield* env.server.takeRequest("thread/realtime/start")
      yield* env.server.fail(id, { code: -32600, message: "does not support realtime conversation" })
      assert.strictEqual((yield* fiber)._tag, "RequestFailed")
      assert.isEmpty(yield* env.server.takeAll)
    }))

  promise(
    "fails with RequestTimeout where it takes too long, and stops what may still come",
    (env) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(Effect.flip(Effect.scoped(opening(env, { timeout: "10 seconds" }))))
        const { id } = yield* env.server.takeRequest("thread/realtime/start")
        yield* env.server.respond(id, {})
        yield* TestClock.adjust("10 seconds")
        yield* stopped(env)
        yield* TestClock.adjust("5 seconds")
        assert.strictEqual((yield* fiber)._tag, "RequestTimeout")
      })
  )

  promise("that is interrupted stops what may still come", (env) =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Effect.scoped(opening(env)))
      yield* env.server.takeRequest("thread/realtime/start")
      const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
      const { id } = yield* env.server.takeRequest("thread/realtime/stop")
      yield* env.server.respond(id, {})
      yield* TestClock.adjust("5 seconds")
      yield* interrupting
    }))

  promise(
    "on a thread that has one ends that, whose last word does not end the new one",
    (env) =>
      Effect.gen(function*() {
        const { close: closeFirst, session: first } = yield* open(env)
        const scope = yield* Scope.make()
        const fiber = yield* Effect.fork(Scope.extend(opening(env), scope))
        const { id } = yield* env.server.takeRequest("thread/realtime/start")
        yield* env.server.respond(id, {})
        yield* tell(env).closed("requested")
        yield* tell(env).started
        const second = yield* fiber
        assert.deepInclude(yield* first.closed, { _tag: "RealtimeClosed", reason: "requested" })
        yield* closeFirst
        assert.isEmpty(yield* env.server.takeAll)
        const reading = yield* Effect.fork(collect(second.transcript))
        yield* tell(env).delta("still here")
        yield* closing(env, Scope.close(scope, Exit.void))
        assert.strictEqual((yield* reading).length, 1)
      })
  )

  promise(
    "on a thread that has one ends that where an older server says nothing of its end",
    (env) =>
      Effect.gen(function*() {
        const { close: closeFirst, session: first } = yield* open(env)
        const { close: closeSecond, session: second } = yield* open(env)
        assert.deepInclude(yield* first.closed, { _tag: "RealtimeClosed", reason: "requested" })
        yield* closeFirst
        // The second one is not stopped by it.
        assert.isEmpty(yield* env.server.takeAll)
        yield* tell(env).delta("still here")
        yield* closing(env, closeSecond)
        assert.strictEqual((yield* collect(second.transcript)).length, 1)
      })
  )

  promise("on a thread that was unsubscribed resumes it first", (env) =>
    Effect.gen(function*() {
      const unsubscribing = yield* Effect.fork(env.thread.unsubscribe)
      const unsubscribe = yield* env.server.takeRequest("thread/unsubscribe")
      yield* env.server.respond(unsubscribe.id, { status: "unsubscribed" })
      yield* unsubscribing
      const fiber = yield* Effect.fork(Effect.scoped(opening(env)))
      const resume = yield* env.server.takeRequest("thread/resume")
      yield* env.server.respond(resume.id, {})
      const { id } = yield* env.server.takeRequest("thread/realtime/start")
      yield* env.server.respond(id, {})
      yield* tell(env).started
      yield* stopped(env)
      yield* fiber
    }))
})

describe("a realtime session", () => {
  promise("has everything for the first reader of each stream, and nothing twice", (env) =>
    Effect.gen(function*() {
      const { close, session } = yield* open(env)
      yield* tell(env).delta("Hel")
      yield* tell(env).audio("AQID")
      yield* tell(env).delta("lo")
      yield* tell(env).done("Hello")
      yield* tell(env).item("item-1")
      yield* tell(env).audio("not base64!")
      yield* closing(env, close)
      assert.deepStrictEqual((yield* collect(session.events)).map(({ _tag }) => _tag), [
        "ThreadRealtimeStarted",
        "ThreadRealtimeTranscriptDelta",
        "ThreadRealtimeOutputAudioDelta",
        "ThreadRealtimeTranscriptDelta",
        "ThreadRealtimeTranscriptDone",
        "ThreadRealtimeItemCompleted",
        "ThreadRealtimeOutputAudioDelta",
        "ThreadRealtimeClosed"
      ])
      assert.deepStrictEqual(yield* collect(session.audio), [
        { bytes: Uint8Array.of(1, 2, 3), sampleRate: 24_000, numChannels: 1 }
      ])
      const transcript = yield* collect(session.transcript)
      assert.deepStrictEqual(
        transcript.map((said) => said._tag === "ThreadRealtimeTranscriptDelta" ? said.delta : said.text),
        ["Hel", "lo", "Hello"]
      )
      assert.deepStrictEqual((yield* collect(session.items)).map(({ type }) => type), ["transcriptSegment"])
      assert.isEmpty(yield* collect(session.events))
    }))

  promise(
    "is told text, speech and audio, the next chunk when the one before was accepted",
    (env) =>
      Effect.gen(function*() {
        const { close, session } = yield* open(env)
        const text = yield* Effect.fork(session.appendText("hi", { role: "developer" }))
        const textRequest = yield* env.server.takeRequest("thread/realtime/appendText")
        assert.deepStrictEqual(textRequest.params, { threadId, text: "hi", role: "developer" })
        yield* env.server.respond(textRequest.id, {})
        yield* text
        const speech = yield* Effect.fork(session.appendSpeech("say this"))
        const speechRequest = yield* env.server.takeRequest("thread/realtime/appendSpeech")
        assert.deepStrictEqual(speechRequest.params, { threadId, text: "say this" })
        yield* env.server.respond(speechRequest.id, {})
        yield* speech
        const chunk = (byte: number): Realtime.AudioChunk => ({
          bytes: Uint8Array.of(byte),
          sampleRate: 24_000,
          numChannels: 1
        })
        const audio = yield* Effect.fork(Stream.run(Stream.make(chunk(1), chunk(2)), session.appendAudio))
        const first = yield* env.server.takeRequest("thread/realtime/appendAudio")
        assert.deepStrictEqual(first.params.audio, { data: "AQ==", sampleRate: 24_000, numChannels: 1 })
        yield* settle
        assert.isEmpty(yield* env.server.takeAll)
        yield* env.server.respond(first.id, {})
        const second = yield* env.server.takeRequest("thread/realtime/appendAudio")
        assert.strictEqual(second.params.audio.data, "Ag==")
        yield* env.server.respond(second.id, {})
        yield* audio
        yield* closing(env, close)
      })
  )

  promise(
    "takes nothing any more once it has ended, since the server would fail the thread for it",
    (env) =>
      Effect.gen(function*() {
        const { close, session } = yield* open(env)
        yield* closing(env, close)
        const error = yield* Effect.flip(session.appendText("late"))
        assert.deepInclude(error, { _tag: "RealtimeClosed", reason: "requested" })
        const chunk = { bytes: Uint8Array.of(1), sampleRate: 24_000, numChannels: 1 }
        assert.strictEqual(
          (yield* Effect.flip(Stream.run(Stream.make(chunk), session.appendAudio)))._tag,
          "RealtimeClosed"
        )
        assert.isEmpty(yield* env.server.takeAll)
      })
  )

  promise("lets its scope close within the grace where the server does not answer", (env) =>
    Effect.gen(function*() {
      const { close, session } = yield* open(env)
      const reading = yield* Effect.fork(Stream.runDrain(session.events))
      const fiber = yield* Effect.fork(close)
      yield* env.server.takeRequest("thread/realtime/stop")
      yield* TestClock.adjust("5 seconds")
      yield* fiber
      yield* reading
    }))

  promise(
    "fails its streams with RealtimeClosed where it was not asked to end, and is not stopped then",
    (env) =>
      Effect.gen(function*() {
        const { close, session } = yield* open(env)
        const reading = yield* Effect.fork(Effect.flip(Stream.runDrain(session.audio)))
        const waiting = yield* Effect.fork(Effect.flip(session.sdp))
        yield* settle
        yield* tell(env).closed("transport_closed")
        assert.deepInclude(yield* reading, { _tag: "RealtimeClosed", reason: "transport_closed", serverMessage: null })
        assert.strictEqual((yield* waiting)._tag, "RealtimeClosed")
        assert.deepInclude(yield* session.closed, { _tag: "RealtimeClosed", reason: "transport_closed" })
        // A late reader gets what was kept for the first one, and the end.
        assert.strictEqual((yield* Effect.flip(Stream.runDrain(session.events)))._tag, "RealtimeClosed")
        yield* close
        assert.isEmpty(yield* env.server.takeAll)
      })
  )

  promise("fails with what went wrong, before the server closes it", (env) =>
    Effect.gen(function*() {
      const { close, session } = yield* open(env)
      const reading = yield* Effect.fork(Effect.flip(Stream.runDrain(session.transcript)))
      yield* settle
      yield* tell(env).error("upstream boom")
      assert.deepInclude(yield* reading, { _tag: "RealtimeClosed", reason: "error", serverMessage: "upstream boom" })
      yield* tell(env).closed("error")
      assert.deepInclude(yield* session.closed, { serverMessage: "upstream boom" })
      yield* close
      assert.isEmpty(yield* env.server.takeAll)
    }))

  promise("ends where the word of it does not decode", (env) =>
    Effect.gen(function*() {
      const { close, session } = yield* open(env)
      yield* env.server.send({ method: "thread/realtime/closed", params: { threadId, reason: 5 } })
      assert.deepInclude(yield* session.closed, { _tag: "RealtimeClosed", reason: "closed" })
      yield* close
    }))

  promise("fails with ConnectionClosed when the connection ends", (env) =>
    Effect.gen(function*() {
      const { session } = yield* open(env)
      const reading = yield* Effect.fork(Effect.flip(Stream.runDrain(session.items)))
      yield* settle
      yield* env.server.end(end)
      assert.strictEqual((yield* reading)._tag, "ConnectionClosed")
      assert.strictEqual((yield* session.closed)._tag, "ConnectionClosed")
      assert.strictEqual((yield* Effect.flip(session.appendText("late")))._tag, "ConnectionClosed")
    }))

  promise("fails a slow reader with EventOverflow, and no other", (env) =>
    Effect.gen(function*() {
      const { close, session } = yield* open(env)
      for (let i = 0; i < 5; i++) {
        yield* tell(env).item(`item-${i}`)
      }
      yield* tell(env).delta("fine")
      yield* closing(env, close)
      assert.strictEqual((yield* Effect.flip(collect(session.items)))._tag, "EventOverflow")
      assert.strictEqual((yield* collect(session.transcript)).length, 1)
    }), { config: { eventCapacity: 4 } })

  promise("hands out the answer to an SDP offer", (env) =>
    Effect.gen(function*() {
      const { close, session } = yield* open(env, { transport: { type: "webrtc", sdp: "v=offer" } })
      const waiting = yield* Effect.fork(session.sdp)
      yield* env.server.notify("thread/realtime/sdp", { threadId, sdp: "v=answer" })
      assert.strictEqual(yield* waiting, "v=answer")
      yield* closing(env, close)
    }))

  promise("is stopped before its thread is unsubscribed", (env) =>
    Effect.gen(function*() {
      const { close, session } = yield* open(env)
      const unsubscribing = yield* Effect.fork(env.thread.unsubscribe)
      yield* stopped(env)
      const { id } = yield* env.server.takeRequest("thread/unsubscribe")
      yield* env.server.respond(id, { status: "unsubscribed" })
      yield* unsubscribing
      assert.deepInclude(yield* session.closed, { reason: "requested" })
      yield* close
      assert.isEmpty(yield* env.server.takeAll)
    }))
})
