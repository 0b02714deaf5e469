/** The SDK on the app-server of the benchmarks. */
import { NodeCodex } from "@effect-codex/node"
import { Codex, type Thread, type Turn } from "@effect-codex/sdk"
import type { TurnEvent } from "@effect-codex/sdk/TurnEvent"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Order } from "../server/wire.js"
import { serverFile } from "./probe.js"

export const layer = NodeCodex.layer({ binary: process.execPath, args: [serverFile] })

/** How many starts are under way at once: thousands, one after the other, would take longer than what is measured. */
const concurrency = 16

/** Threads for as many turns. */
export const threads = (count: number) =>
  Effect.flatMap(
    Codex.Codex,
    (codex) => Effect.forEach(Array.from({ length: count }), () => codex.startThread(), { concurrency })
  )

/** A turn on each thread. */
export const turns = (threads: ReadonlyArray<Thread.Thread>, order: Order) =>
  Effect.forEach(threads, (thread) => thread.startTurn(JSON.stringify(order)), { concurrency })

/** Reads the events of a turn to their end. */
export type Read = (turn: Turn.Turn, onEvent: (event: TurnEvent) => void) => Effect.Effect<unknown, unknown>

const each = (events: Iterable<TurnEvent>, onEvent: (event: TurnEvent) => void) => {
  for (const event of events) {
    onEvent(event)
  }
}

export const folded: Read = (turn, onEvent) =>
  Stream.runFold(Stream.chunks(turn.events), 0, (count, events) => {
    each(events, onEvent)
    return count + events.length
  })

export const byChunk: Read = (turn, onEvent) =>
  Stream.runForEachChunk(turn.events, (events) => Effect.sync(() => each(events, onEvent)))

export const byEvent: Read = (turn, onEvent) =>
  Stream.runForEach(turn.events, (event) => Effect.sync(() => onEvent(event)))
