import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const Spoken = Schema.parseJson(Schema.Struct({
  type: Schema.Literal("conversation.item.create"),
  item: Schema.Struct({ content: Schema.NonEmptyArray(Schema.Struct({ text: Schema.String })) })
}))

const spoken = Schema.decodeUnknownOption(Spoken)

/** As much of a realtime API as it takes to say again what was said, word by word. */
export const serve = Effect.gen(function*() {
  const server = yield* NodeSocketServer.makeWebSocket({ host: "127.0.0.1", port: 0 })
  yield* server.run((socket) =>
    Effect.scoped(Effect.gen(function*() {
      const write = yield* socket.writer
      const say = (event: object) => write(JSON.stringify(event))
      yield* socket.runRaw((data) =>
        Option.match(spoken(String(data)), {
          onNone: () => Effect.void,
          onSome: ({ item }) =>
            Effect.gen(function*() {
              const text = item.content[0].text
              yield* Effect.forEach(text.split(" "), (delta) => say({ type: "response.output_text.delta", delta }))
              yield* say({ type: "response.output_text.done", text })
            })
        })
      )
    })).pipe(
      // The session was stopped.
      Effect.catchTag("SocketError", () => Effect.void)
    )
  ).pipe(Effect.forkScoped)
  return server.address._tag === "TcpAddress"
    ? `ws://127.0.0.1:${server.address.port}`
    : yield* Effect.dieMessage("the server listens on a port")
})
