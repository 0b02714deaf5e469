import { CodexConfig } from "@effect-codex/sdk"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { request } from "node:http"
import * as Browser from "./support/browser.js"
import { start } from "./support/child.js"
import * as WebServer from "./support/webServer.js"

const onCodex = (script: ScriptedModel.Script) => Effect.provide(WebServer.layer(CodexTest.layer({ script })))

/** Says the first word, and then nothing until it is hung up on, which opens the latch. */
const endless = Effect.map(Effect.makeLatch(), (hungUp) => ({
  hungUp,
  reply: ScriptedModel.text(["One ", Effect.onInterrupt(Effect.never, () => hungUp.open)])
}))

describe("web-server", () => {
  it.scopedLive("streams a turn as numbered events, each with its tag and its JSON", () =>
    Effect.gen(function*() {
      const threadId = yield* WebServer.startThread
      const response = yield* WebServer.post(`/threads/${threadId}/turns`, { prompt: "Say hello." })
      assert.strictEqual(response.headers.get("content-type"), "text/event-stream")
      const events = yield* WebServer.allEventsOf(response)
      assert.deepStrictEqual(events.map(({ id }) => id), events.map((_, index) => `${index + 1}`))
      assert.deepStrictEqual(events.map(({ event }) => event), events.map(({ data }) => JSON.parse(data)._tag))
      assert.strictEqual(events.at(-1)?.event, "TurnCompleted")
      assert.strictEqual(WebServer.textOf(events), "Hello\n\nthere — \u{1F44B}.")
    }).pipe(onCodex([ScriptedModel.text(["Hello\n\n", "there ", "— \u{1F44B}."])])))

  it.scopedLive("interrupts the turn on the server when its client goes away, and takes the next one", () =>
    Effect.flatMap(endless, ({ hungUp, reply }) =>
      Effect.gen(function*() {
        const threadId = yield* WebServer.startThread
        const completed = yield* WebServer.turnCompleted
        const client = new AbortController()
        const { signal } = client
        const response = yield* WebServer.post(`/threads/${threadId}/turns`, { prompt: "Count." }, { signal })
        yield* WebServer.readTo(WebServer.eventsOf(response), "ItemAgentMessageDelta")
        client.abort()
        yield* hungUp.await
        assert.strictEqual(yield* completed, "interrupted")
        const next = yield* WebServer.post(`/threads/${threadId}/turns`, { prompt: "And now?" })
        assert.strictEqual(WebServer.textOf(yield* WebServer.allEventsOf(next)), "Two.")
      }).pipe(onCodex([reply, ScriptedModel.text("Two.")]))))

  it.scopedLive("ends the events of a turn that fails by an `error` that says why", () =>
    Effect.gen(function*() {
      const threadId = yield* WebServer.startThread
      const response = yield* WebServer.post(`/threads/${threadId}/turns`, { prompt: "Fail." })
      assert.strictEqual(response.status, 200)
      const [completed, error] = (yield* WebServer.allEventsOf(response)).slice(-2)
      assert.strictEqual(completed?.event, "TurnCompleted")
      assert.strictEqual(error?.event, "error")
      const { _tag, message } = JSON.parse(error?.data ?? "")
      assert.strictEqual(_tag, "TurnFailed")
      assert.match(message, /failed: Not that\.$/)
    }).pipe(onCodex([ScriptedModel.fail({ message: "Not that." })])))

  it.scopedLive("refuses by an HTTP status what cannot become a turn", () =>
    Effect.gen(function*() {
      const refused = Effect.fnUntraced(function*(...args: Parameters<typeof WebServer.post>) {
        const response = yield* WebServer.post(...args)
        const { _tag } = yield* WebServer.tagged(response)
        return [response.status, _tag]
      })
      const nobody = "/threads/00000000-0000-7000-8000-000000000000/turns"
      assert.deepStrictEqual(yield* refused(nobody, { prompt: "Hello?" }), [404, "NoSuchThread"])
      assert.deepStrictEqual(yield* refused(nobody, { prompt: "" }), [400, "HttpApiDecodeError"])
      const headers = { origin: "http://elsewhere.invalid" }
      assert.strictEqual((yield* WebServer.post("/threads", {}, { headers })).status, 403)

      // `fetch` sets the host itself.
      const url = yield* WebServer.url
      const status = yield* Effect.async<number | undefined>((resume) => {
        request(`${url}/threads`, { method: "POST", headers: { host: "elsewhere.invalid" } }, (response) => {
          response.resume()
          resume(Effect.succeed(response.statusCode))
        }).end()
      })
      assert.strictEqual(status, 403)
    }).pipe(onCodex([])))

  it.scopedLive("gives a client that stops reading for a while every character, in fewer events than there were", () =>
    Effect.gen(function*() {
      const stopped = yield* Effect.makeLatch()
      const flood = Array.from({ length: 500 }, (_, index) => `${index} `.padEnd(8_192, "."))
      const codex = CodexTest.layerMemory({ script: () => ScriptedModel.text(["first ", stopped.await, ...flood]) })
        .pipe(
          Layer.provide(CodexConfig.layer({ eventCapacity: 16 }))
        )
      yield* Effect.gen(function*() {
        const threadId = yield* WebServer.startThread
        const completed = yield* WebServer.turnCompleted
        const response = yield* WebServer.post(`/threads/${threadId}/turns`, { prompt: "Flood." })
        const reading = WebServer.eventsOf(response)
        const events = yield* WebServer.readTo(reading, "ItemAgentMessageDelta")
        yield* stopped.open
        assert.strictEqual(yield* completed, "completed")
        events.push(...yield* WebServer.readTo(reading, "TurnCompleted"))
        assert.isBelow(events.length, flood.length / 2)
        assert.isTrue(WebServer.textOf(events) === `first ${flood.join("")}`)
      }).pipe(Effect.provide(WebServer.layer(codex)))
    }))

  it.scopedLive("hangs up on its clients when it closes, which interrupts their turns", () =>
    Effect.gen(function*() {
      const { hungUp, reply } = yield* endless
      const reading = yield* Effect.gen(function*() {
        const threadId = yield* WebServer.startThread
        const response = yield* WebServer.post(`/threads/${threadId}/turns`, { prompt: "Count." })
        const reading = WebServer.eventsOf(response)
        yield* WebServer.readTo(reading, "ItemAgentMessageDelta")
        return reading
      }).pipe(onCodex([reply]))
      yield* hungUp.await
      const ended = yield* Effect.flip(Effect.tryPromise({ try: () => reading.next(), catch: String }))
      assert.include(ended, "terminated")
    }))

  it.scopedLive("is a program that serves its page, and leaves nothing behind", () =>
    Effect.gen(function*() {
      const example = yield* start("src/web-server.ts", { env: { PORT: "0" } })
      yield* example.printed(" in a browser.\n")
      const url = /http:\S+/.exec(example.stdout())?.[0] ?? ""
      const page = yield* Effect.promise(() => fetch(url))
      assert.include(yield* Effect.promise(() => page.text()), "<title>A turn in a browser</title>")

      const json = { method: "POST", headers: { "content-type": "application/json" } }
      const thread = yield* Effect.promise(() => fetch(`${url}/threads`, json))
      const { threadId } = yield* WebServer.started(thread)
      const body = JSON.stringify({ prompt: "Go on." })
      yield* Effect.promise(() => fetch(`${url}/threads/${threadId}/turns`, { ...json, body }))
      yield* example.interrupt
      assert.strictEqual(yield* example.status, 0, example.stderr())
      assert.deepStrictEqual(yield* example.processes, [])
    }))

  const chromium = Browser.find()
  if (chromium !== undefined) {
    it.scopedLive(
      "shows words in a browser one by one as they come, and its Stop button interrupts the turn",
      () =>
        Effect.gen(function*() {
          const two = yield* Effect.makeLatch()
          const { hungUp, reply } = yield* endless
          const script = [ScriptedModel.reply(ScriptedModel.text(["Zero ", two.await, "and "]), reply)]
          yield* Effect.gen(function*() {
            const page = yield* Browser.open(chromium, yield* WebServer.url)
            const shows = (text: string) => Effect.promise(() => page.getByText(text, { exact: true }).waitFor())
            const completed = yield* WebServer.turnCompleted

            yield* Effect.promise(() => page.getByLabel("Prompt").fill("Count, please."))
            yield* Effect.promise(() => page.getByRole("button", { name: "Send" }).click())
            yield* shows("Zero")
            yield* two.open
            yield* shows("Zero and One")
            yield* Effect.promise(() => page.getByRole("button", { name: "Stop" }).click())
            yield* shows("Stopped.")
            yield* hungUp.await
            assert.strictEqual(yield* completed, "interrupted")
          }).pipe(onCodex(script))
        }),
      60_000
    )
  }
})
