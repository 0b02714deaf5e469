import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as Http from "node:http"
import type * as ScriptedModel from "../ScriptedModel.js"
import * as ModelEvents from "./modelEvents.js"
import { verbatimCode } from "./modelReply.js"
import type { Ending } from "./modelScript.js"

const encoder = new TextEncoder()

const encode = (event: ModelEvents.ModelEvent): Uint8Array =>
  encoder.encode(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)

const toEnding = (cause: Cause.Cause<Ending>): Ending =>
  Option.getOrElse(Cause.failureOption(cause), () => ({
    _tag: "Fail",
    code: verbatimCode,
    message: `The script of the scripted model died: ${Cause.pretty(cause)}`
  }))

// The close of the response interrupts the fiber that serves it, so nothing is left to answer with.
const destroy = (response: Http.ServerResponse): Effect.Effect<never> =>
  Effect.zipRight(Effect.sync(() => response.destroy()), Effect.never)

// An event-stream comment: once it is flushed, so is everything before it.
const flush = (response: Http.ServerResponse): Effect.Effect<void> =>
  Effect.async((resume) => {
    response.write(":\n\n", () => resume(Effect.void))
  })

const sendEvents = (events: Stream.Stream<Uint8Array>): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.stream(events, { contentType: "text/event-stream" })

const endStream = (index: number, response: Http.ServerResponse, ending: Ending): Stream.Stream<Uint8Array> => {
  switch (ending._tag) {
    case "Drop":
      return Stream.fromEffect(Effect.zipRight(flush(response), destroy(response)))
    case "Fail":
      return Stream.succeed(encode(ModelEvents.failed(index, ending)))
    case "HttpError":
      return Stream.succeed(encode(ModelEvents.failed(index, {
        code: verbatimCode,
        message: `The script gives HTTP status ${ending.status} after the reply has begun. Make it the whole reply.`
      })))
  }
}

const replyEvents = (
  index: number,
  reply: ScriptedModel.Reply,
  response: Http.ServerResponse
): Stream.Stream<Uint8Array> =>
  Stream.fromIterable(ModelEvents.fromReply(index, reply)).pipe(
    Stream.mapConcatEffect((emission): Effect.Effect<ReadonlyArray<Uint8Array>, Ending> =>
      Effect.isEffect(emission)
        ? Effect.mapBoth(emission, { onFailure: (failure) => failure.ending, onSuccess: () => [] })
        : Effect.succeed([encode(emission)])
    ),
    Stream.catchAllCause((cause) => endStream(index, response, toEnding(cause)))
  )

const endAtOnce = (
  index: number,
  response: Http.ServerResponse,
  ending: Ending
): Effect.Effect<HttpServerResponse.HttpServerResponse> => {
  switch (ending._tag) {
    case "Drop":
      return destroy(response)
    case "Fail":
      return Effect.succeed(sendEvents(Stream.make(
        encode(ModelEvents.created(index)),
        encode(ModelEvents.failed(index, ending))
      )))
    case "HttpError":
      return Effect.succeed(HttpServerResponse.text(ending.body, {
        status: ending.status,
        contentType: "application/json"
      }))
  }
}

/** @internal */
export const make = (
  index: number,
  reply: Effect.Effect<ScriptedModel.Reply, Ending>,
  response: Http.ServerResponse
): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
  Effect.matchCauseEffect(reply, {
    onFailure: (cause) => endAtOnce(index, response, toEnding(cause)),
    onSuccess: (reply) => Effect.succeed(sendEvents(replyEvents(index, reply, response)))
  })
