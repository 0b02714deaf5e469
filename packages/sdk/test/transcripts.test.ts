import { ClientRequests } from "@effect-codex/protocol/ClientRequests"
import * as AppServer from "@effect-codex/sdk/AppServer"
import * as Transport from "@effect-codex/sdk/Transport"
import type { ServerEvent } from "@effect-codex/sdk/TurnEvent"
import * as MemoryTransport from "@effect-codex/testing/MemoryTransport"
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { readdirSync, readFileSync } from "node:fs"
import { settle } from "./support/env.js"

const folder = new URL("../../protocol/test/transcripts/", import.meta.url)

interface Line {
  readonly direction: "client->server" | "server->client"
  readonly message: MemoryTransport.Message
}

const read = (file: string): ReadonlyArray<Line> =>
  readFileSync(new URL(file, folder), "utf8").trimEnd().split("\n").map((line): Line => JSON.parse(line))

const canBeAsked = ({ method = "", params }: MemoryTransport.Message): boolean => {
  const spec = Object.hasOwn(ClientRequests, method) ? ClientRequests[method as keyof ClientRequests] : undefined
  return spec?.params !== undefined && Schema.is(Schema.make(spec.params.ast))(params)
}

/** The compiler cannot follow which params belong to which method here. */
const ask = (appServer: AppServer.AppServer["Type"], { method, params }: MemoryTransport.Message) =>
  appServer.request(method as "thread/archive", params as { readonly threadId: string })

describe("what a real app-server has said", () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".jsonl"))) {
    it.scoped(`${file} is understood to the last message`, () =>
      Effect.gen(function*() {
        const lines = read(file)
        const pair = yield* Layer.build(MemoryTransport.layerPair)
        const server = Context.get(pair, MemoryTransport.Server)
        const opening = yield* AppServer.layerExperimental.pipe(
          Layer.provide(Layer.succeedContext(pair)),
          Layer.build,
          Effect.map(Context.get(AppServer.AppServer)),
          Effect.fork
        )
        const { id: initialize } = yield* server.takeRequest("initialize")
        const [answer] = lines.filter(({ direction, message }) => direction === "server->client" && message.id === 1)
        yield* server.respond(initialize, answer?.message.result)
        const appServer = yield* opening
        yield* server.takeAll
        const reading = yield* Effect.fork(Stream.runCollect(Stream.catchAll(appServer.events, () => Stream.empty)))
        yield* settle

        const ids = new Map<unknown, unknown>()
        const outcomes = new Map<unknown, string>()
        let notifications = 0
        let questions = 0
        for (const { direction, message } of lines) {
          if (message.id === 1 || message.method === "initialized") {
            continue
          }
          if (direction === "client->server" && message.method !== undefined) {
            // What no typed client would send was sent to see how the server takes it.
            if (!canBeAsked(message)) {
              continue
            }
            yield* ask(appServer, message).pipe(
              Effect.match({
                onFailure: ({ _tag }) => outcomes.set(message.id, _tag),
                onSuccess: () => outcomes.set(message.id, "Success")
              }),
              Effect.fork
            )
            const sent = yield* server.take
            assert.deepStrictEqual([sent.method, sent.params], [message.method, message.params])
            ids.set(message.id, sent.id)
          } else if (direction === "server->client") {
            const isAnswer = message.method === undefined
            if (isAnswer && !ids.has(message.id)) {
              continue
            }
            yield* server.send(isAnswer ? { ...message, id: ids.get(message.id) } : message)
            yield* settle
            if (!isAnswer && message.id !== undefined) {
              questions++
              const given = yield* server.take
              assert.deepStrictEqual([given.id, given.method], [message.id, undefined])
            } else if (!isAnswer) {
              notifications++
            } else {
              assert.strictEqual(outcomes.get(message.id), message.error === undefined ? "Success" : "RequestFailed")
            }
          }
        }

        const stats = yield* appServer.stats
        assert.deepStrictEqual(
          [stats.noise, stats.undecodable, stats.lateAnswers, stats.pendingRequests, stats.turns, stats.threads],
          [0, 0, 0, 0, 0, 0]
        )
        yield* server.end(Transport.end("EndOfStream"))
        const events: ReadonlyArray<ServerEvent> = Chunk.toReadonlyArray(yield* reading)
        assert.strictEqual(events.length, notifications)
        assert.deepStrictEqual(events.filter(({ _tag }) => _tag === "Unknown" || _tag === "Undecodable"), [])
        assert.isAtLeast(notifications + questions, 5)
      }))
  }
})
