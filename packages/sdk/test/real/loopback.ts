import * as Effect from "effect/Effect"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"

/** One request, with its body as text. */
export interface Request {
  readonly method: string
  readonly path: string
  readonly body: string
  readonly authorization: string | undefined
}

export interface Response {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** JSON, or a text as it is. */
  readonly body?: unknown
}

/** An HTTP server on loopback, for what the app-server would ask public hosts. */
export const serve = (respond: (request: Request, origin: string) => Response) =>
  Effect.acquireRelease(
    Effect.async<{ readonly server: Http.Server; readonly origin: string }>((resume) => {
      const server = Http.createServer((request, response) => {
        const chunks: Array<Buffer> = []
        request.on("data", (chunk) => chunks.push(chunk))
        request.on("end", () => {
          const { body, headers, status } = respond({
            method: request.method ?? "",
            path: (request.url ?? "").split("?")[0] ?? "",
            body: Buffer.concat(chunks).toString(),
            authorization: request.headers.authorization
          }, originOf(server))
          response.writeHead(status, { "content-type": "application/json", connection: "close", ...headers })
          response.end(body === undefined || typeof body === "string" ? body : JSON.stringify(body))
        })
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed({ server, origin: originOf(server) })))
    }),
    ({ server }) =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )

const originOf = (server: Http.Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** Fetches a page on a connection of its own, since the next login server on a port does not know those of the last. */
const visit = (url: URL): Effect.Effect<URL | undefined> =>
  Effect.async((resume) => {
    Http.get(url, { agent: false }, (response) => {
      const { location } = response.headers
      response.resume()
      response.on("end", () => resume(Effect.succeed(location === undefined ? undefined : new URL(location, url))))
    }).on("error", (error) => resume(Effect.die(error)))
  })

/** What a browser does when its person has decided: it goes where the login wants it back, and on from there. */
export const comeBack = (authorizationUrl: string, outcome: Readonly<Record<string, string>>): Effect.Effect<void> =>
  Effect.gen(function*() {
    const { searchParams } = new URL(authorizationUrl)
    const back = new URL(searchParams.get("redirect_uri") ?? "")
    back.search = new URLSearchParams({ ...outcome, state: searchParams.get("state") ?? "" }).toString()
    const next = yield* visit(back)
    if (next?.host === back.host) {
      yield* visit(next)
    }
  })

/** Options of an app-server that finds the hosts of OpenAI at `origin`, and has no way to the real ones. */
export const inPlaceOfHosts = (origin: string) => ({
  config: { chatgpt_base_url: `${origin}/backend-api`, cli_auth_credentials_store: "file" },
  process: {
    env: {
      CODEX_APP_SERVER_LOGIN_ISSUER: origin,
      CODEX_APP_SERVER_CHATGPT_BASE_URL: `${origin}/backend-api`,
      CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${origin}/oauth/token`,
      CODEX_REVOKE_TOKEN_URL_OVERRIDE: `${origin}/revoke`,
      // Nobody listens there.
      HTTPS_PROXY: "http://127.0.0.1:9"
    }
  }
})

const claims = {
  email: "ada@example.invalid",
  exp: 4_000_000_000,
  "https://api.openai.com/auth": { chatgpt_account_id: "account-1", chatgpt_plan_type: "pro" }
}

/** A token of an account, signed by nobody. */
export const accountToken = ["e30", Buffer.from(JSON.stringify(claims)).toString("base64url"), "c2ln"].join(".")

export const json = (body: unknown, status = 200): Response => ({ status, body })

export const notFound: Response = json({}, 404)

/** A server-sent event of the app-server's model or of an MCP server. */
export const sse = (data: object, type = "message") => `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
