import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServer from "@effect/platform/HttpServer"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createServer } from "node:http"
import { Api } from "./api.js"
import * as Handlers from "./handlers.js"
import * as OwnPage from "./ownPage.js"

/**
 * For this machine only, and for so many clients at once. Those that are gone without a word are found out about by the
 * network. When it closes it hangs up: it would wait for ever for a client that has stopped reading.
 */
const http = (port: number) =>
  Layer.unwrapEffect(Effect.sync(() => {
    const server = createServer({ keepAlive: true, keepAliveInitialDelay: 15_000 })
    server.maxConnections = 256
    const hangUp = Effect.sync(() => {
      server.close()
      server.closeAllConnections()
    })
    return Layer.scopedDiscard(Effect.addFinalizer(() => hangUp)).pipe(
      Layer.provideMerge(NodeHttpServer.layer(() => server, { port, host: "127.0.0.1" }))
    )
  }))

const listening = Layer.effectDiscard(
  HttpServer.addressFormattedWith((address) => Console.log(`Open ${address} in a browser.`))
)

/** The port 0 is any that is free. */
export const layer = ({ port }: { readonly port: number }) =>
  HttpApiBuilder.serve().pipe(
    Layer.provide(HttpApiBuilder.api(Api)),
    Layer.provide(Handlers.layer),
    Layer.provide(OwnPage.layer),
    Layer.provideMerge(listening),
    Layer.provideMerge(http(port))
  )
