import { Codex, type CodexError, type Thread } from "@effect-codex/sdk"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { fileURLToPath } from "node:url"
import { Api, NoSuchThread, Unavailable } from "./api.js"
import * as ServerSentEvents from "./serverSentEvents.js"

const unavailable = (error: CodexError.CodexError) =>
  Effect.zipRight(Effect.logWarning(error), new Unavailable({ reason: error._tag }))

const refused =
  (threadId: string) => (error: Thread.StartTurnError): Effect.Effect<never, NoSuchThread | Unavailable> =>
    error._tag === "ThreadNotFound" || error._tag === "ThreadArchived"
      ? new NoSuchThread({ threadId })
      : unavailable(error)

const threads = HttpApiBuilder.group(Api, "threads", (handlers) =>
  Effect.map(Codex.Codex, (codex) =>
    handlers
      .handle("start", () =>
        codex.startThread({ sandbox: "read-only" }).pipe(
          Effect.map(({ id }) => ({ threadId: id })),
          Effect.catchAll(unavailable)
        ))
      // The turn belongs to the scope of the request. That closes once the response has ended, or else when the client
      // goes away, and then the turn is interrupted. Until it has ended the thread's next one waits.
      .handle("turn", ({ path: { threadId }, payload: { prompt } }) =>
        codex.thread(threadId).startTurn(prompt, { interruptWhen: Effect.sleep("10 minutes") }).pipe(
          Effect.map(({ events }) => ServerSentEvents.response(events)),
          Effect.catchAll(refused(threadId))
        ))))

const file = fileURLToPath(new URL("page.html", import.meta.url))

const page = HttpApiBuilder.group(
  Api,
  "page",
  (handlers) => handlers.handle("page", () => Effect.orDie(HttpServerResponse.file(file, { contentType: "text/html" })))
)

export const layer = Layer.merge(threads, page)
