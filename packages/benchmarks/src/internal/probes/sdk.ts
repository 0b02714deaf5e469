/** The SDK on the app-server of the benchmarks. */
import { NodeCodex } from "@effect-codex/node"
import { Codex, type Thread, type Turn } from "@effect-codex/sdk"
import type { TurnEvent } from "@effect-codex/sdk/TurnEvent"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Order } from "../server/wire.js"
import { Meter, serverFile } from "./probe.js"

export const layer = NodeCodex.layer({ binary: process.execPath, args: [serverFile] })

/** Threads for as many turns. */
export const threads = (count: number) =>
  Effect.flatMap(Codex.Codex, (codex) => Effect.replicateEffect(codex.startThread(), count))

/** Reads the events of a turn to their end. */
export type Read = (turn: Turn.Turn, onEvent: (event: TurnEvent) => void) => Effect.Effect<void, unknown>

export const byChunk: Read = (turn, onEvent) =>
  Stream.runForEachChunk(turn.events, (events) =>
    Effect.sync(() => {
      for (const event of events) {
        onEvent(event)
      }
    }))

export const byEvent: Read = (turn, onEvent) =>
  Stream.runForEach(turn.events, (event) => Effect.sync(() => onEvent(event)))

/** One pass: a turn on every thread, each with a reader, from the start of the last one to the end of all. */
export const pass = (threads: ReadonlyArray<Thread.Thread>, order: Order, read: Read) =>
  Effect.scoped(Effect.gen(function*() {
    const turns = yield* Effect.forEach(threads, (thread) => thread.startTurn(JSON.stringify(order)))
    const meter = new Meter(order)
    const onEvent = (event: TurnEvent) => {
      if (event._tag === "ItemAgentMessageDelta") {
        meter.saw()
      }
    }
    yield* Effect.forEach(turns, (turn) => read(turn, onEvent), { concurrency: "unbounded", discard: true })
    return meter.sample
  }))
