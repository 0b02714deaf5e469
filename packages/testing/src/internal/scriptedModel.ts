import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpRouter from "@effect/platform/HttpRouter"
import type { ServeError } from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as ScriptedModel from "../ScriptedModel.js"
import * as LoopbackServer from "./loopbackServer.js"
import * as ModelRequest from "./modelRequest.js"
import * as ModelResponse from "./modelResponse.js"
import * as ModelScript from "./modelScript.js"
import * as RequestLog from "./requestLog.js"

const defaultMaxRequests = 1_000
const maxBodySize = Option.some(FileSystem.MiB(64))

const badRequest = (error: { readonly message: string }) =>
  HttpServerResponse.text(`The scripted model cannot read this request: ${error.message}`, { status: 400 })

/** @internal */
export const make = (
  script: ScriptedModel.Script,
  options?: { readonly maxRequests?: number | undefined }
): Effect.Effect<ScriptedModel.ScriptedModel["Type"], ServeError, Scope.Scope> =>
  Effect.gen(function*() {
    const respond = yield* ModelScript.start(script)
    const log = yield* RequestLog.make(options?.maxRequests ?? defaultMaxRequests)
    const server = yield* LoopbackServer.make
    let received = 0

    const answer = Effect.gen(function*() {
      const http = yield* HttpServerRequest.HttpServerRequest
      const body = yield* HttpIncomingMessage.withMaxBodySize(http.json, maxBodySize)
      const decoded = yield* ModelRequest.decode(body)
      const request = { index: received++, ...decoded }
      yield* log.record(request)
      return yield* ModelResponse.make(request.index, respond(request), NodeHttpServerRequest.toServerResponse(http))
    }).pipe(
      Effect.catchTags({
        ParseError: (error) => Effect.succeed(badRequest(error)),
        RequestError: (error) => Effect.succeed(badRequest(error))
      })
    )

    const elsewhere = HttpServerResponse.text("The scripted model serves POST /v1/responses, and nothing else.", {
      status: 404
    })
    const app = HttpRouter.empty.pipe(
      HttpRouter.post("/v1/responses", answer),
      Effect.catchTag("RouteNotFound", () => elsewhere)
    )
    // Whoever asks lives in real time, so the replies do as well; and spans of the model are no spans of the program.
    yield* server.serve(app).pipe(
      Effect.withClock(Clock.make()),
      HttpMiddleware.withTracerDisabledWhenEffect(() => true)
    )

    return {
      baseUrl: `http://127.0.0.1:${yield* LoopbackServer.port(server)}/v1`,
      requests: log.all,
      awaitRequest: log.await
    }
  })
