import { Delivery, type Turn } from "@effect-codex/sdk"
import * as Sse from "@effect/experimental/Sse"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { TurnBroken } from "./api.js"

interface Message {
  readonly event: string
  readonly data: string
}

const brokenJson = Schema.encodeSync(Schema.parseJson(TurnBroken))

/**
 * A turn as the body of a response. A client that reads slowly holds the stream up, and what comes meanwhile waits in
 * the queue of the turn, which is bounded: words of one item are put together there, so that none is lost.
 */
export const response = (events: Turn.Turn["events"]): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.stream(
    events.pipe(
      Delivery.withPolicy("coalesce"),
      Stream.map((event): Message => ({ event: event._tag, data: JSON.stringify(event) })),
      Stream.catchAll(({ _tag, message }) =>
        Stream.succeed<Message>({ event: "error", data: brokenJson(new TurnBroken({ _tag, message })) })
      ),
      Stream.zipWithIndex,
      Stream.map(([message, index]) => Sse.encoder.write({ _tag: "Event", id: String(index + 1), ...message })),
      Stream.encodeText
    ),
    { contentType: "text/event-stream", headers: { "cache-control": "no-store" } }
  )
