import * as Effect from "effect/Effect"
import * as Http from "node:http"

const token = [
  "e30",
  Buffer.from(JSON.stringify({
    email: "ada@example.invalid",
    exp: 4_000_000_000,
    "https://api.openai.com/auth": { chatgpt_account_id: "account-1", chatgpt_plan_type: "pro" }
  })).toString("base64url"),
  "c2ln"
].join(".")

const window = { used_percent: 42, limit_window_seconds: 3600, reset_after_seconds: 120, reset_at: 5 }

const answers: { readonly [path: string]: object } = {
  "/api/accounts/deviceauth/usercode": { device_auth_id: "device-1", user_code: "ABCD-1234", interval: "1" },
  "/api/accounts/deviceauth/token": {
    authorization_code: "code-1",
    code_challenge: "challenge",
    code_verifier: "verifier"
  },
  "/oauth/token": { id_token: token, access_token: token, refresh_token: "refresh-1" },
  "/wham/usage": { plan_type: "pro", rate_limit: { allowed: true, limit_reached: false, primary_window: window } }
}

/** What stands in for the hosts of OpenAI: whoever logs in there has typed in the code already, or never does. */
export const serve = (typedIn: boolean) =>
  Effect.acquireRelease(
    Effect.async<{ readonly server: Http.Server; readonly origin: string }>((resume) => {
      const server = Http.createServer((request, response) => {
        request.resume()
        const path = (request.url ?? "").replace("/backend-api", "")
        const answer = path.endsWith("/token") && !typedIn ? undefined : answers[path]
        response.writeHead(answer === undefined ? 403 : 200, { "content-type": "application/json" })
        response.end(JSON.stringify(answer ?? {}))
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        resume(Effect.succeed({ server, origin: `http://127.0.0.1:${port}` }))
      })
    }),
    ({ server }) =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  ).pipe(Effect.map(({ origin }) => ({
    config: { chatgpt_base_url: `${origin}/backend-api` },
    env: {
      CODEX_APP_SERVER_LOGIN_ISSUER: origin,
      CODEX_APP_SERVER_CHATGPT_BASE_URL: `${origin}/backend-api`,
      // Nobody listens there.
      HTTPS_PROXY: "http://127.0.0.1:9"
    }
  })))
