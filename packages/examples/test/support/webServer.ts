import { Codex } from "@effect-codex/sdk"
import type { TurnEvent } from "@effect-codex/sdk/TurnEvent"
import * as Sse from "@effect/experimental/Sse"
import * as HttpServer from "@effect/platform/HttpServer"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Server from "../../src/web-server/server.js"

/** The server of the example, on any app-server and on a port of its own. */
export const layer = <E, R>(codex: Layer.Layer<R | Codex.Codex, E>) =>
  Layer.provideMerge(Server.layer({ port: 0 }), codex)

export const url = HttpServer.addressFormattedWith(Effect.succeed)

export const post = (
  path: string,
  body: unknown,
  options?: { readonly signal?: AbortSignal; readonly headers?: Readonly<Record<string, string>> }
) =>
  Effect.flatMap(url, (url) =>
    Effect.promise(() =>
      fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...options?.headers },
        body: JSON.stringify(body),
        signal: options?.signal ?? null
      })
    ))

const json = <A, I>(schema: Schema.Schema<A, I>) => (response: Response) =>
  Effect.flatMap(Effect.promise(() => response.json()), Schema.decodeUnknown(schema))

export const started = json(Schema.Struct({ threadId: Schema.String }))

export const tagged = json(Schema.Struct({ _tag: Schema.String }))

export const startThread = post("/threads", {}).pipe(
  Effect.flatMap(started),
  Effect.map(({ threadId }) => threadId)
)

/** The parser of `@effect/experimental`, on whatever has come of a response. */
const makeParser = () => {
  const events: Array<Sse.Event> = []
  const parser = Sse.makeParser((event) => {
    if (event._tag === "Event") {
      events.push(event)
    }
  }, { maxEventSize: Infinity })
  return (text: string) => {
    parser.feed(text)
    return events.splice(0)
  }
}

/** The events of a response as they come. */
export const eventsOf = async function*(response: Response): AsyncGenerator<Sse.Event> {
  const parse = makeParser()
  const decoder = new TextDecoder()
  for await (const bytes of response.body ?? []) {
    yield* parse(decoder.decode(bytes, { stream: true }))
  }
}

export const allEventsOf = (response: Response) =>
  Effect.map(Effect.promise(() => response.text()), (text) => makeParser()(text))

/** What comes up to and with the first event of this name; the reading can go on after it. */
export const readTo = (reading: AsyncGenerator<Sse.Event>, name: string) =>
  Effect.promise(async () => {
    const events: Array<Sse.Event> = []
    while (events.at(-1)?.event !== name) {
      const next = await reading.next()
      if (next.done === true) {
        throw new Error(`The response has ended without ${name}, after ${events.map(({ event }) => event).join(", ")}`)
      }
      events.push(next.value)
    }
    return events
  })

/** The words in events of a turn. */
export const textOf = (events: ReadonlyArray<Sse.Event>): string =>
  events.filter(({ event }) => event === "ItemAgentMessageDelta").map(({ data }) => JSON.parse(data).delta).join("")

/** Listens from now on; joining it waits for the end of a turn as the app-server tells it. */
export const turnCompleted = Effect.flatMap(Codex.Codex, ({ events }) =>
  events.pipe(
    Stream.filter((event): event is TurnEvent & { readonly _tag: "TurnCompleted" } => event._tag === "TurnCompleted"),
    Stream.runHead,
    Effect.flatten,
    Effect.map(({ turn }) => turn.status),
    Effect.fork,
    Effect.tap(Effect.yieldNow()),
    Effect.map(Fiber.join)
  ))
