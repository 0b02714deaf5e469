/**
 * Many turns at once for minutes, on the real app-server with a scripted model: turns that complete, fail, call a tool,
 * are steered, interrupted, left by their reader or run out of time, on threads that come and go. Every 10 seconds a
 * line says what is held. It ends with status 1 where anything grew, hung or went wrong; `soak/verdict.ts` says what
 * that is.
 */
import { AppServer, Codex, Retry, Thread, Tool } from "@effect-codex/sdk"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Environment from "./soak/environment.js"
import * as Gauges from "./soak/gauges.js"
import { type Options, options } from "./soak/options.js"
import * as Report from "./soak/report.js"
import { toolName } from "./soak/talk.js"
import { Tally } from "./soak/tally.js"
import * as Turns from "./soak/turns.js"
import * as Verdict from "./soak/verdict.js"

/** The longest turn takes some 25 seconds, and the server may be busy. */
const patience = Duration.minutes(3)

/** The first turns do not begin all at once, since opening a thread is the dearest thing to ask of the server. */
const stagger = Duration.millis(50)

const pause = Tool.make(toolName, {
  description: "Waits.",
  parameters: Schema.Struct({ milliseconds: Schema.Number }),
  success: Schema.String,
  handler: ({ milliseconds }) => Effect.as(Effect.sleep(milliseconds), "waited")
})

class Hung extends Data.TaggedError("Hung") {}

/** Turns on a thread of their own, then on the next one, until the time is over. */
const worker = (tally: Tally, over: Effect.Effect<boolean>) =>
  Effect.gen(function*() {
    const codex = yield* Codex.Codex
    const thread = yield* codex.startThread({ tools: [pause], sandbox: "read-only" }).pipe(
      Retry.overloaded,
      Thread.scoped
    )
    for (let turns = yield* Random.nextIntBetween(1, 9); turns > 0 && !(yield* over); turns--) {
      yield* Turns.one(thread).pipe(
        Effect.timeoutFail({ duration: patience, onTimeout: () => new Hung() }),
        Effect.map((outcome) => tally.ended(outcome)),
        Effect.catchTag("Hung", () => Effect.sync(() => tally.hung++)),
        Effect.catchAllCause((cause) => Effect.sync(() => tally.wentWrong(cause)))
      )
    }
  }).pipe(
    Effect.scoped,
    Effect.catchAllCause((cause) => Effect.sync(() => tally.wentWrong(cause))),
    Effect.repeat({ until: () => over })
  )

/** What is there when nothing is under way, once what is just ending has ended. */
const atRest = (count: Gauges.FiberCount, isRest: (rest: Verdict.Rest) => boolean) =>
  Effect.all({ fibers: count.value, descriptors: Gauges.descriptors }).pipe(
    Effect.repeat({ until: isRest, schedule: Schedule.intersect(Schedule.spaced("100 millis"), Schedule.recurs(50)) }),
    Effect.zipRight(Effect.all({ fibers: count.value, descriptors: Gauges.descriptors }))
  )

const soak = ({ concurrency, minutes, seed }: Options, tally: Tally, count: Gauges.FiberCount) =>
  Effect.gen(function*() {
    const { stats } = yield* AppServer.AppServer
    const clock = yield* Effect.clock
    const start = yield* Clock.currentTimeMillis
    const over = Effect.sync(() => clock.unsafeCurrentTimeMillis() - start > minutes * 60_000)
    const before = yield* atRest(count, () => true)
    const samples: Array<Gauges.Sample> = []
    const watch = Gauges.sample({ count, stats }, clock, start).pipe(
      Effect.tap((sample) => {
        // While the last turns end, everything shrinks, and hides what has grown.
        if (sample.at <= minutes * 60_000) {
          samples.push(sample)
        }
        return Console.log(Report.line(sample, tally))
      }),
      Effect.delay("10 seconds"),
      Effect.forever
    )
    const workers = Effect.forEach(
      Array.from({ length: concurrency }, (_, index) => index),
      (index) =>
        worker(tally, over).pipe(
          Effect.withRandom(Random.make([seed, index])),
          Effect.delay(Duration.times(stagger, index))
        ),
      { concurrency: "unbounded", discard: true }
    )
    yield* Effect.raceFirst(workers, watch)
    const after = yield* atRest(count, (rest) => rest.fibers <= before.fibers && rest.descriptors <= before.descriptors)
    return { samples, rest: { before, after }, stats: yield* stats }
  })

const program = Effect.gen(function*() {
  const chosen = yield* options
  yield* Console.log(Report.head(chosen))
  const tally = new Tally()
  const count = new Gauges.FiberCount()
  const found = yield* Effect.gen(function*() {
    const before = yield* atRest(count, () => true)
    const found = yield* soak(chosen, tally, count).pipe(Effect.provide(Environment.layer))
    const after = yield* atRest(count, (rest) => rest.fibers <= before.fibers && rest.descriptors <= before.descriptors)
    const appServers = (yield* Gauges.appServers).length
    return {
      ...found,
      left: {
        fibers: after.fibers - before.fibers,
        descriptors: after.descriptors - before.descriptors,
        appServers
      }
    }
  }).pipe(Effect.supervised(count))
  const findings = { ...found, hung: tally.hung, unexpected: tally.unexpected }
  yield* Console.log(Report.summary(findings, tally))
  const problems = Verdict.problemsOf(findings)
  yield* Effect.forEach(problems, (problem) => Console.log(`FAILED: ${problem}`), { discard: true })
  yield* Effect.sync(() => {
    process.exitCode = problems.length === 0 ? 0 : 1
  })
})

program.pipe(NodeRuntime.runMain)
