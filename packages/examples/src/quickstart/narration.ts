import type { UserInput } from "@effect-codex/protocol/Server"
import type { TurnEvent } from "@effect-codex/sdk/TurnEvent"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Row } from "./table.js"

/** Tells of one conversation, under its name, what comes in. */
export interface Narration {
  /** Prints the agent's words as they come, a few at a time, and each message of the user. */
  readonly tell: <E, R>(events: Stream.Stream<TurnEvent, E, R>) => Effect.Effect<void, E, R>
  readonly remark: (text: string) => Effect.Effect<void>
  /** What the table says of a turn, by the SDK's result or by the server's own record of it. */
  readonly row: (turn: TurnSummary) => Effect.Effect<Row>
}

/** What `TurnResult` and the server's `Turn` have in common. */
interface TurnSummary {
  readonly status: string
  readonly items: ReadonlyArray<unknown>
  readonly durationMs?: number | null
  readonly usage?: { readonly total: { readonly totalTokens: number } } | null
}

const lineWidth = 36

/** The time to the first word counts from here. */
export const begin = (name: string): Effect.Effect<Narration> =>
  Effect.map(Clock.currentTimeMillis, (begun) => {
    let words = ""
    let firstDelta: number | undefined
    let messages = 0

    const line = (text: string) => Console.log(`${`[${name}]`.padEnd(9)}${text}`)
    const remark = (text: string) => line(`-- ${text}`)

    const flush = Effect.suspend(() => {
      const text = words.trim()
      words = ""
      return text === "" ? Effect.void : line(text)
    })

    const say = Effect.fnUntraced(function*(delta: string) {
      firstDelta ??= (yield* Clock.currentTimeMillis) - begun
      // A newline in what the agent says must not make a line that bears no name.
      words += delta.replace(/\s+/g, " ")
      if (words.length >= lineWidth) {
        yield* flush
      }
    })

    const hear = (event: TurnEvent): Effect.Effect<void> => {
      switch (event._tag) {
        case "ItemAgentMessageDelta":
          return say(event.delta)
        case "ItemStarted":
          return event.item.type === "userMessage"
            ? Effect.zipRight(flush, remark(`${messages++ === 0 ? "asked" : "steered"}: ${textOf(event.item.content)}`))
            : flush
        default:
          return Effect.void
      }
    }

    return {
      tell: (events) => Stream.runForEach(events, hear).pipe(Effect.ensuring(flush)),
      remark,
      row: ({ durationMs, items, status, usage }) =>
        Effect.sync(() => ({
          turn: name,
          status,
          items: items.length,
          // The first turn of a thread: the thread's total is the turn's.
          tokens: usage?.total.totalTokens,
          firstDelta,
          duration: durationMs ?? undefined
        }))
    }
  })

const textOf = (content: ReadonlyArray<UserInput>): string =>
  content.map((part) => part.type === "text" ? part.text : `(${part.type})`).join(" ")
