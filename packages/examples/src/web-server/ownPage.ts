import * as HttpApiError from "@effect/platform/HttpApiError"
import * as HttpApiMiddleware from "@effect/platform/HttpApiMiddleware"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/**
 * Refuses what a page of another site asks for: without this, any page that is open in a browser on this machine could
 * put the agent to work. A site whose name is made to point here does not get further, since that name is the host.
 */
export class OwnPage extends HttpApiMiddleware.Tag<OwnPage>()("OwnPage", { failure: HttpApiError.Forbidden }) {}

const isHere = (host: string): boolean => /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)

export const layer: Layer.Layer<OwnPage> = Layer.succeed(
  OwnPage,
  Effect.flatMap(
    HttpServerRequest.HttpServerRequest,
    ({ headers: { host = "", origin } }) =>
      isHere(host) && (origin === undefined || origin === `http://${host}`)
        ? Effect.void
        : new HttpApiError.Forbidden()
  )
)
