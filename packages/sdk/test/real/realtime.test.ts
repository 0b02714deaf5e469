import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import { assert, layer } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { assertIdle, codexTestExperimental } from "./harness.js"
import * as RealtimeServer from "./realtimeServer.js"
import { from, promises } from "./releases.js"

class Peers extends Context.Tag("Peers")<Peers, Queue.Dequeue<RealtimeServer.Peer>>() {}

const withRealtime = Layer.unwrapScoped(Effect.gen(function*() {
  const { peers, server } = yield* RealtimeServer.serve
  const port = server.address._tag === "TcpAddress" ? server.address.port : 0
  return Layer.merge(
    Layer.succeed(Peers, peers),
    codexTestExperimental({
      config: {
        experimental_realtime_ws_base_url: `ws://127.0.0.1:${port}`,
        experimental_realtime_ws_startup_context: "context",
        realtime: { version: "v2", type: "conversational" },
        features: { realtime_conversation: true },
        model_providers: { scripted: { experimental_bearer_token: "token" } }
      }
    })
  )
}))

const nextPeer = Effect.flatMap(Peers, Queue.take)

const open = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const thread = yield* codex.startThread()
  const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
  const session = yield* Scope.extend(thread.realtime({ outputModality: "audio" }), scope)
  const peer = yield* nextPeer
  yield* RealtimeServer.take(peer, "session.update")
  return { session, thread, peer, close: Scope.close(scope, Exit.void) }
})

layer(withRealtime, { excludeTestServices: true })("a realtime session", (it) => {
  from(promises.realtimeSpeech, it.scoped)(
    "hears what the program says, by text, speech and audio",
    () =>
      Effect.gen(function*() {
        const { peer, session } = yield* open
        yield* session.appendText("hello")
        assert.include(JSON.stringify(yield* RealtimeServer.take(peer, "conversation.item.create")), "hello")
        yield* session.appendSpeech("say this")
        assert.include(JSON.stringify(yield* RealtimeServer.take(peer, "conversation.item.create")), "say this")
        yield* RealtimeServer.take(peer, "response.create")
        const chunk = { bytes: Uint8Array.of(5, 6, 7), sampleRate: 24_000, numChannels: 1, samplesPerChannel: 1 }
        yield* Stream.run(Stream.make(chunk), session.appendAudio)
        assert.strictEqual((yield* RealtimeServer.take(peer, "input_audio_buffer.append"))["audio"], "BQYH")
      })
  )

  from(promises.realtimeItems, it.scoped)(
    "tells what is said, as sound and as words, and ends when its scope closes",
    () =>
      Effect.gen(function*() {
        const { close, peer, session, thread } = yield* open
        yield* peer.say({
          type: "response.output_audio.delta",
          delta: "AQID",
          sample_rate: 24_000,
          channels: 1,
          samples_per_channel: 512
        })
        yield* peer.say({ type: "conversation.item.input_audio_transcription.delta", delta: "what is it" })
        yield* peer.say({ type: "response.output_text.delta", delta: "it is " })
        yield* peer.say({ type: "response.output_text.done", text: "it is this" })
        const audio = yield* Stream.runHead(session.audio)
        assert.deepInclude(audio, {
          value: {
            bytes: Uint8Array.of(1, 2, 3),
            sampleRate: 24_000,
            numChannels: 1,
            samplesPerChannel: 512,
            itemId: null
          }
        })
        const transcript = yield* Stream.runCollect(Stream.take(session.transcript, 3))
        assert.deepStrictEqual(
          Chunk.toReadonlyArray(transcript).map((said) =>
            said._tag === "ThreadRealtimeTranscriptDelta" ? [said.role, said.delta] : [said.role, said.text]
          ),
          [["user", "what is it"], ["assistant", "it is "], ["assistant", "it is this"]]
        )
        yield* close
        const items = Chunk.toReadonlyArray(yield* Stream.runCollect(session.items))
        assert.deepStrictEqual(items.at(-1)?.type, "realtimeSessionClosed")
        assert.deepInclude(yield* session.closed, { _tag: "RealtimeClosed", reason: "requested" })
        assert.strictEqual((yield* Effect.flip(session.appendText("late")))._tag, "RealtimeClosed")
        // The thread is as it was.
        assert.strictEqual((yield* thread.run("hello")).finalResponse, "You said: hello")
        yield* assertIdle
      })
  )

  it.scoped("fails where the other side reports an error", () =>
    Effect.gen(function*() {
      const { peer, session } = yield* open
      yield* peer.say({ type: "error", message: "upstream boom" })
      const error = yield* Effect.flip(Stream.runDrain(session.transcript))
      assert.deepInclude(error, { _tag: "RealtimeClosed", reason: "error", serverMessage: "upstream boom" })
    }))

  it.scoped("fails where the other side hangs up", () =>
    Effect.gen(function*() {
      const { peer, session } = yield* open
      yield* peer.hangUp
      const error = yield* Effect.flip(Stream.runDrain(session.audio))
      assert.deepInclude(error, { _tag: "RealtimeClosed", reason: "transport_closed" })
    }))

  it.scoped("ends where another one is opened on its thread", () =>
    Effect.gen(function*() {
      const { session, thread } = yield* open
      const another = yield* thread.realtime({ outputModality: "text" })
      yield* RealtimeServer.take(yield* nextPeer, "session.update")
      assert.deepInclude(yield* session.closed, { _tag: "RealtimeClosed", reason: "requested" })
      yield* another.appendText("hello")
    }))

  it.effect("has voices to choose from", () =>
    Effect.gen(function*() {
      const { request } = yield* AppServer
      const { voices } = yield* request("thread/realtime/listVoices", {})
      assert.include(voices.v2, voices.defaultV2)
      yield* assertIdle
    }))
})

layer(codexTestExperimental(), { excludeTestServices: true })("without credentials", (it) => {
  from(promises.realtimeRefusal, it.scoped)(
    "a realtime session cannot be opened, and the error says why",
    () =>
      Effect.gen(function*() {
        const codex = yield* Codex.Codex
        const thread = yield* codex.startThread()
        const error = yield* Effect.flip(thread.realtime({ outputModality: "audio" }))
        assert.deepInclude(error, { _tag: "RealtimeClosed", reason: "error" })
        assert.include(error.message, "API key")
      })
  )
})
