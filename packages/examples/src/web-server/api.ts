import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as Schema from "effect/Schema"
import { OwnPage } from "./ownPage.js"

/** There is no such thread, or it takes no turns any more. */
export class NoSuchThread extends Schema.TaggedError<NoSuchThread>()(
  "NoSuchThread",
  { threadId: Schema.String },
  HttpApiSchema.annotations({ status: 404 })
) {}

/** The app-server did not take it; the log says why. */
export class Unavailable extends Schema.TaggedError<Unavailable>()(
  "Unavailable",
  { reason: Schema.String },
  HttpApiSchema.annotations({ status: 503 })
) {}

/** The data of the event `error`, the last one of a turn that did not complete. */
export class TurnBroken extends Schema.Class<TurnBroken>("TurnBroken")({
  _tag: Schema.Literal("TurnFailed", "TurnInterrupted", "TurnStalled", "ConnectionClosed", "EventOverflow"),
  message: Schema.String
}) {}

const text = (contentType: string) => HttpApiSchema.Text({ contentType })

const threads = HttpApiGroup.make("threads")
  .add(
    HttpApiEndpoint.post("start", "/threads")
      .addSuccess(Schema.Struct({ threadId: Schema.String }), { status: 201 })
      .addError(Unavailable)
  )
  .add(
    // Each event of the turn is one of the response: its tag is the event, its JSON the data.
    HttpApiEndpoint.post("turn")`/threads/${HttpApiSchema.param("threadId", Schema.String)}/turns`
      .setPayload(Schema.Struct({ prompt: Schema.NonEmptyString.pipe(Schema.maxLength(100_000)) }))
      .addSuccess(text("text/event-stream"))
      .addError(NoSuchThread)
      .addError(Unavailable)
  )
  .middleware(OwnPage)

const page = HttpApiGroup.make("page").add(HttpApiEndpoint.get("page", "/").addSuccess(text("text/html")))

export const Api = HttpApi.make("codex").add(threads).add(page)
