/**
 * One app-server, three conversations at once: one runs to its end, one is steered on its way, and one is ended by a
 * timeout. Start it by `npm run quickstart`; `quickstart/` holds what it prints and the model it runs on.
 */
import { Codex } from "@effect-codex/sdk"
import * as Array from "effect/Array"
import * as Console from "effect/Console"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Main from "./quickstart/main.js"
import * as Narration from "./quickstart/narration.js"
import * as Table from "./quickstart/table.js"

/** `patience` is what the third conversation has before its timeout strikes. */
export const program = Effect.fn("quickstart")(function*(options: { readonly patience: Duration.DurationInput }) {
  const codex = yield* Codex.Codex

  const tides = Effect.scoped(Effect.gen(function*() {
    const thread = yield* codex.startThread({ sandbox: "read-only" })
    const narration = yield* Narration.begin("tides")
    const turn = yield* thread.startTurn("Why are there two tides a day? Two or three sentences will do.")
    yield* narration.tell(turn.events)
    return yield* narration.row(yield* turn.result)
  }))

  // More to consider, while the answer is already coming.
  const garden = Effect.scoped(Effect.gen(function*() {
    const thread = yield* codex.startThread({ sandbox: "read-only" })
    const narration = yield* Narration.begin("garden")
    const turn = yield* thread.startTurn("How do I start a vegetable garden? Five sentences or so.")
    const steer = turn.textDeltas.pipe(
      Stream.take(20),
      Stream.runDrain,
      Effect.zipRight(turn.steer("I should have said: all I have is a balcony, facing north.")),
      // A short answer may be complete by then, and there is nothing to steer.
      Effect.catchTag("TurnNotActive", (late) => narration.remark(late.message))
    )
    yield* Effect.all([narration.tell(turn.events), steer], { concurrency: "unbounded" })
    return yield* narration.row(yield* turn.result)
  }))

  // Nobody tells the server to stop: the timeout interrupts the fiber, and with it goes the turn.
  const novel = Effect.gen(function*() {
    const thread = yield* codex.startThread({ sandbox: "read-only" })
    const narration = yield* Narration.begin("novel")
    yield* narration.tell(thread.stream("Write the first chapter of a long novel about a lighthouse.")).pipe(
      Effect.timeoutOption(options.patience)
    )
    const { turns } = yield* thread.read({ includeTurns: true })
    const turn = yield* Array.last(turns)
    yield* narration.remark(`the time is up, and the server says of turn ${turn.id}: ${turn.status}`)
    return yield* narration.row(turn)
  })

  const rows = yield* Effect.all([tides, garden, novel], { concurrency: "unbounded" })
  yield* Console.log(`\n${Table.render(rows)}`)
})

if (Main.isMain(import.meta.url)) {
  Main.run(program)
}
