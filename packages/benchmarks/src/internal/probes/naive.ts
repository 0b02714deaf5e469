/** What one writes first in Effect: decode, split, one union of all messages, a queue a turn, a stream of it. */
import { ServerNotifications } from "@effect-codex/protocol/ServerNotifications"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { threadId } from "../server/wire.js"
import { Meter, orderOf, type Params, params, report } from "./probe.js"
import * as Raw from "./raw.js"

const notification = (method: string, params: Schema.Schema.All) =>
  Schema.Struct({ method: Schema.Literal(method), params: Schema.make<Readonly<Record<string, unknown>>>(params.ast) })

const Message = Schema.parseJson(Schema.Union(
  ...Object.entries(ServerNotifications).map(([method, { params }]) => notification(method, params)),
  Schema.Struct({ id: Schema.Number, result: Schema.Unknown })
))

const decode = Schema.decodeUnknown(Message)

type Notification = ReturnType<typeof notification>["Type"]

const given = params<Params>()

const program = Effect.gen(function*() {
  const ids = Array.from({ length: given.turns }, (_, index) => threadId(index))
  const queues = new Map<unknown, Queue.Queue<Notification>>()
  for (const id of ids) {
    queues.set(id, yield* Queue.unbounded<Notification>())
  }
  const child = Raw.start()
  yield* NodeStream.fromReadable(() => child.stdout, (cause) => cause).pipe(
    Stream.decodeText(),
    Stream.splitLines,
    Stream.mapEffect((line) => decode(line)),
    Stream.runForEach((message) => {
      const queue = "method" in message ? queues.get(message.params["threadId"]) : undefined
      return queue !== undefined && "method" in message ? Queue.offer(queue, message) : Effect.void
    }),
    Effect.fork
  )
  child.stdin.write(Raw.handshake + Raw.threads(given.turns) + Raw.turns(orderOf(given), ids))
  const meter = new Meter(given, () => child.stdin.write(Raw.warm))
  yield* Effect.forEach(queues.values(), (queue) =>
    Stream.fromQueue(queue).pipe(
      Stream.takeUntil((message) => message.method === "turn/completed"),
      Stream.runForEach((message) =>
        Effect.sync(() => {
          if (message.method === "item/agentMessage/delta") {
            meter.saw()
          }
        })
      )
    ), { concurrency: "unbounded", discard: true })
  report(meter.sample)
  return yield* Effect.never
})

program.pipe(NodeRuntime.runMain)
