import { Codex } from "@effect-codex/sdk"
import * as Transport from "@effect-codex/sdk/Transport"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Supervisor from "effect/Supervisor"
import * as Wire from "../../src/internal/server/wire.js"

/** An app-server whose data events the test makes itself, one call of `chunk` each. */
export const wired = () => {
  const sent: Array<string> = []
  let onFrames: (frames: ReadonlyArray<string>) => void = () => {}
  let threads = 0
  let turns = 0

  const chunk = (lines: ReadonlyArray<string>) => onFrames(lines.map((line) => line.trimEnd()))

  const answer = (frame: string) => {
    const { id, method, params } = JSON.parse(frame)
    switch (method) {
      case "initialize":
        return chunk([Wire.initializeAnswer(id)])
      case "thread/start":
        return chunk([Wire.threadAnswer(id, Wire.threadId(threads++))])
      case "turn/start": {
        const started = { thread: params.threadId, index: turns++ }
        return chunk([Wire.turnAnswer(id, started), Wire.turnStarted(started)])
      }
      default:
        return id === undefined ? undefined : chunk([Wire.answer(id, { data: [], nextCursor: null })])
    }
  }

  const sendNow = (frame: string): true => {
    sent.push(frame)
    answer(frame)
    return true
  }

  const transport = Layer.succeed(Transport.Transport, {
    run: (handler) => {
      onFrames = handler
      return Effect.never
    },
    sendNow,
    send: (frame) => Effect.asVoid(Effect.sync(() => sendNow(frame)))
  })

  return {
    layer: Layer.provide(Codex.layer, transport),
    /** Every frame that was written. */
    sent,
    chunk,
    deltas: (started: Wire.Started, count: number) => Array.from({ length: count }, () => Wire.delta(started, " word")),
    /** The turn that was started on a thread as the `index`th of the connection. */
    turn: (index: number, thread: number): Wire.Started => ({ thread: Wire.threadId(thread), index })
  }
}

/** Counts the fibers that are started in all that it supervises. */
export class Starts extends Supervisor.AbstractSupervisor<number> {
  count = 0
  override get value() {
    return Effect.sync(() => this.count)
  }
  override onStart(): void {
    this.count++
  }
}
