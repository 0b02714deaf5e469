import * as Transport from "@effect-codex/sdk/Transport"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as Faults from "../src/Faults.js"
import { outcome, running, settle } from "./faulty.js"

interface Case {
  readonly trigger: Faults.Trigger
  /** Which of six frames it strikes. */
  readonly hits: ReadonlyArray<number>
}

const fromFifth = ({ index }: Faults.Frame) => index >= 5

const triggers: { readonly [name: string]: Case } = {
  "at the second frame": { trigger: Faults.at(2), hits: [2] },
  "at the first that fits": { trigger: Faults.at(1, fromFifth), hits: [5] },
  "at every second frame": { trigger: Faults.every(2), hits: [2, 4, 6] },
  "at every second that fits": { trigger: Faults.every(2, fromFifth), hits: [6] },
  "at each that fits": { trigger: Faults.when(fromFifth), hits: [5, 6] },
  // Which ones a seed strikes is the same on every machine, so it may stand here.
  "by a seed": { trigger: Faults.seeded(1, 0.2), hits: [1, 3] },
  "by a seed, of those that fit": { trigger: Faults.seeded(1, 0.2, fromFifth), hits: [5] },
  "by a seed that strikes always": { trigger: Faults.seeded(7, 1), hits: [1, 2, 3, 4, 5, 6] },
  "by a seed that strikes never": { trigger: Faults.seeded(7, 0), hits: [] }
}

const noise = "{\"noise\":true}"
const end = Transport.end("Exited", { exitCode: 101 })

const numbers = [1, 2, 3, 4, 5, 6]

// Each about a thread of its own; every second one answers something.
const incoming = (n: number): string =>
  n % 2 === 1
    ? JSON.stringify({ method: "some/event", params: { threadId: `thread-${n}` } })
    : JSON.stringify({ id: n, result: { thread: { id: `thread-${n}` } } })

const half = (text: string) => text.slice(0, Math.floor(text.length / 2))

interface Expected {
  /** What comes of a frame. */
  readonly of: (
    frame: { readonly text: string; readonly n: number; readonly hit: boolean; readonly first: number }
  ) => ReadonlyArray<string>
  readonly anyOrder?: boolean
  readonly ends?: boolean
}

const came: Expected["of"] = ({ text }) => [text]

const actions: { readonly [name: string]: readonly [Faults.Action, Expected] } = {
  "is lost": [Faults.drop, { of: ({ hit, text }) => hit ? [] : [text] }],
  "comes twice": [Faults.duplicate, { of: ({ hit, text }) => hit ? [text, text] : [text] }],
  "takes its time": [Faults.delay("1 second"), { of: came }],
  "is overtaken": [Faults.reorder({ within: "1 second" }), { of: came, anyOrder: true }],
  "is cut in half": [Faults.truncate, { of: ({ hit, text }) => [hit ? half(text) : text] }],
  "comes after noise": [Faults.noise(noise), { of: ({ hit, text }) => hit ? [noise, text] : [text] }],
  "ends the transport": [Faults.cut(end), { of: ({ first, n, text }) => n < first ? [text] : [], ends: true }],
  "closes the server's input": [Faults.close, { of: came }],
  "has the server read no more": [Faults.stopReading, { of: came }],
  "has the server answer no more": [Faults.stopAnswering, {
    of: ({ first, n, text }) => n < first || n % 2 === 1 ? [text] : []
  }],
  "has the server say no more": [Faults.silence, { of: ({ first, n, text }) => n < first ? [text] : [] }]
}

const sorted = (lines: ReadonlyArray<string>) => lines.slice().sort()

for (const [trigger, { hits, trigger: at }] of Object.entries(triggers)) {
  const first = hits[0] ?? Infinity

  describe(`of what comes in, ${trigger}`, () => {
    for (const [name, [action, expected]] of Object.entries(actions)) {
      it.scoped(name, () =>
        Effect.gen(function*() {
          const { lines, run, server, strikes } = yield* running(Faults.incoming(at, action))
          yield* Effect.forEach(numbers, (n) => server.sendFrames([incoming(n)]))
          yield* TestClock.adjust("10 seconds")
          const wanted = numbers.flatMap((n) => expected.of({ text: incoming(n), n, hit: hits.includes(n), first }))
          const [actual, wants] = expected.anyOrder === true ? [sorted(lines()), sorted(wanted)] : [lines(), wanted]
          assert.deepStrictEqual(actual, wants)
          const ended = yield* Fiber.poll(run)
          if (expected.ends === true && hits.length > 0) {
            assert.strictEqual(yield* run, end)
          } else {
            assert.isTrue(Option.isNone(ended))
          }
          const struck = expected.ends === true ? hits.slice(0, 1) : hits
          assert.deepStrictEqual((yield* strikes).map(({ index }) => index), struck)
        }))
    }
  })
}

const outgoing = (n: number): string =>
  JSON.stringify({ id: n, method: "some/request", params: { threadId: `thread-${n}` } })

interface ExpectedOut extends Expected {
  /** How the `send` of what is struck, and of everything after it, comes out. */
  readonly sends?: string
}

const outgoingActions: { readonly [name: string]: readonly [Faults.Action, ExpectedOut] } = {
  "is lost": [Faults.drop, { of: ({ hit, text }) => hit ? [] : [text] }],
  "comes twice": [Faults.duplicate, { of: ({ hit, text }) => hit ? [text, text] : [text] }],
  "takes its time": [Faults.delay("1 second"), { of: came }],
  "is overtaken": [Faults.reorder({ within: "1 second" }), { of: came, anyOrder: true }],
  // The server skips what is no JSON.
  "is cut in half": [Faults.truncate, { of: ({ hit, text }) => hit ? [] : [text] }],
  "comes after noise": [Faults.noise(noise), { of: ({ hit, text }) => hit ? [noise, text] : [text] }],
  "ends the transport": [Faults.cut(end), {
    of: ({ first, n, text }) => n < first ? [text] : [],
    sends: "Closed",
    ends: true
  }],
  "closes the server's input": [Faults.close, {
    of: ({ first, n, text }) => n < first ? [text] : [],
    sends: "Closed"
  }],
  "has the server read no more": [Faults.stopReading, {
    of: ({ first, n, text }) => n < first ? [text] : [],
    sends: "waits"
  }],
  "has the server answer no more": [Faults.stopAnswering, { of: came }],
  "has the server say no more": [Faults.silence, { of: came }]
}

for (const [trigger, { hits, trigger: at }] of Object.entries(triggers)) {
  const first = hits[0] ?? Infinity

  describe(`of what goes out, ${trigger}`, () => {
    for (const [name, [action, expected]] of Object.entries(outgoingActions)) {
      it.scoped(name, () =>
        Effect.gen(function*() {
          const { run, server, transport } = yield* running(Faults.outgoing(at, action))
          const sends = yield* Effect.forEach(numbers, (n) => Effect.fork(transport.send(outgoing(n))))
          yield* TestClock.adjust("10 seconds")
          const wanted = numbers.flatMap((n) => expected.of({ text: outgoing(n), n, hit: hits.includes(n), first }))
          const received = (yield* server.takeAll).map((message) => JSON.stringify(message))
          const [actual, wants] = expected.anyOrder === true ? [sorted(received), sorted(wanted)] : [received, wanted]
          assert.deepStrictEqual(actual, wants)
          assert.deepStrictEqual(
            yield* Effect.forEach(sends, outcome),
            numbers.map((n) => n < first ? "done" : expected.sends ?? "done")
          )
          yield* settle
          assert.strictEqual(Option.isSome(yield* Fiber.poll(run)), expected.ends === true && hits.length > 0)
        }))
    }
  })
}
