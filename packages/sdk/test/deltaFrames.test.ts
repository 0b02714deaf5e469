import type { TurnEvent } from "@effect-codex/sdk/TurnEvent"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "effect/FastCheck"
import * as Runtime from "effect/Runtime"
import * as Stream from "effect/Stream"
import { connect, type Env, promise, settle } from "./support/env.js"
import { agentMessage } from "./support/talk.js"
import { running } from "./support/turns.js"

/** The frames that tell of a turn by its number. */
type Frames = (turn: number) => ReadonlyArray<string>

const threadOf = (turn: number) => `thread-${turn}.`

const turnOf = (turn: number) => `turn-${turn}.`

const frame = (params: object) => JSON.stringify({ method: "item/agentMessage/delta", params })

const reasoning = (turn: number, contentIndex: unknown) =>
  JSON.stringify({
    method: "item/reasoning/textDelta",
    params: { threadId: threadOf(turn), turnId: turnOf(turn), itemId: "item-2", contentIndex, delta: "hm" }
  })

const oddities: Frames = (turn) => {
  const ids = { threadId: threadOf(turn), turnId: turnOf(turn), itemId: "item-1" }
  return [
    frame({ ...ids, delta: "as ever" }),
    frame({ ...ids, delta: "more", addedLater: [1, { a: 2 }] }),
    frame({ ...ids, delta: 7 }),
    frame({ ...ids, itemId: undefined, delta: "of no item" }),
    frame({ ...ids, threadId: "thread-8", delta: "on another thread" }),
    frame({ ...ids, turnId: "turn-9", delta: "of another turn" }),
    frame({ ...ids, delta: "tagged", _tag: "TurnCompleted" }),
    reasoning(turn, 0),
    reasoning(turn, "0"),
    ...["a", "a", "b"].map((delta) => frame({ ...ids, itemId: "item-3", delta: "a", nested: { delta } }))
  ]
}

const told = (event: TurnEvent) =>
  event._tag === "Undecodable" ? [event._tag, event.method, event.params, event.issue.message] : event

/** What the reader of a turn and its result say of these frames. */
const witness = (env: Env, n: number, frames: Frames) =>
  Effect.scoped(Effect.gen(function*() {
    const [on, turnId] = [threadOf(n), turnOf(n)]
    const turn = yield* running(env, turnId, { thread: env.codex.thread(on) })
    const events: Array<TurnEvent> = []
    yield* turn.events.pipe(Stream.runForEach((event) => Effect.sync(() => events.push(event))), Effect.forkScoped)
    yield* env.server.notify("item/started", {
      threadId: on,
      turnId,
      item: agentMessage("item-1", ""),
      startedAtMs: 1
    })
    yield* env.server.sendFrames(frames(n))
    yield* env.say.completed(turnId, {}, on)
    const { unfinished } = yield* turn.result
    yield* settle
    return { unfinished, events: events.map(told), tags: events.map(({ _tag }) => _tag) }
  }))

/** A connection that somebody else listens to, so that no frame goes the straight way. */
const overheard = Effect.tap(connect(), (env) =>
  env.appServer.events.pipe(
    Stream.runDrain,
    Effect.ignore,
    Effect.forkScoped,
    Effect.zipRight(settle)
  ))

/** A frame by its parts, so that it can be one that no serializer would write. */
interface Parts {
  readonly method: string
  readonly members: ReadonlyArray<readonly [name: string, json: string]>
  readonly space: string
  readonly end: string
}

const written = ({ end, members, method, space }: Parts): string => {
  const params = members.map(([name, json]) => `${JSON.stringify(name)}:${space}${json}`).join(`,${space}`)
  return `{${space}"method":"${method}","params":{${params}}${end}`
}

const escaped = (text: string): string =>
  `"${Array.from(text, (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")}"`

const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: "grapheme" }),
  fc.array(
    fc.constantFrom("a", "word ", "\"", "\\", "\n", "\u0000", "}", "},\"emittedAtMs\":1}", "\"delta\":", "\ud83d")
  )
    .map((pieces) => pieces.join(""))
)

type Members = Parts["members"]

/** What may stand behind the piece: nothing that matters, what tells texts apart, and what looks like a piece. */
const more = fc.constantFrom<Members>(
  [],
  [["contentIndex", "0"]],
  [["contentIndex", "1"]],
  [["contentIndex", "0"], ["delta", "\"last\""]],
  [["contentIndex", "0"], ["nested", "{\"delta\":\"a\"}"]],
  [["contentIndex", "0"], ["nested", "{\"delta\":\"b\"}"]],
  [["contentIndex", "0"], ["\"delta\"", "\"a\""]]
)

/** How a frame may end: as they do, with times of other sizes, and with what makes something else of it. */
const ends = fc.constantFrom(
  "}",
  ",\"emittedAtMs\":1790000000000}",
  ",\"emittedAtMs\":1790000000001}",
  ",\"emittedAtMs\":17}",
  ",\"emittedAtMs\":0790000000000}",
  ",\"emittedAtMs\":179000000000x}",
  ",\"emittedAtMs\":179000,\"id\":7}",
  ",\"emittedAtMs\":1790000000000]",
  "}}",
  "} "
)

const literals = fc.oneof(
  texts.map((piece) => JSON.stringify(piece)),
  texts.map(escaped),
  fc.constantFrom("7", "null", "\"\u0000\""),
  fc.constant("\"a\"")
)

/** Frames of one text: some by which it is learned how they read, and then any that come near. */
const text = fc.record({
  method: fc.constantFrom("item/agentMessage/delta", "item/reasoning/textDelta"),
  item: fc.constantFrom("item-1", "item-2", "\"delta\":\"a\""),
  space: fc.constantFrom("", "", "", " "),
  first: fc.constantFrom(false, false, true),
  more,
  end: ends,
  regular: fc.integer({ min: 1, max: 3 }),
  pieces: fc.array(
    fc.record({
      json: literals,
      end: fc.option(ends, { freq: 1 }),
      more: fc.option(more, { freq: 1 }),
      cut: fc.option(fc.nat(250), { freq: 8 })
    }),
    { maxLength: 6 }
  )
})

const talks: fc.Arbitrary<Frames> = fc.array(text, { maxLength: 4 }).map((talk) => (turn) =>
  talk.flatMap(({ end, first, item, method, more, pieces, regular, space }) => {
    const whole = (json: string, { end: last = end, more: rest = more }: { end?: string; more?: Members } = {}) => {
      const ids: Members = [
        ["threadId", `"${threadOf(turn)}"`],
        ["turnId", `"${turnOf(turn)}"`],
        ["itemId", JSON.stringify(item)]
      ]
      const members: Members = first ? [["delta", json], ...ids, ...rest] : [...ids, ["delta", json], ...rest]
      return written({ method, members, space, end: last })
    }
    const odd = pieces.map(({ cut, json, ...other }) => {
      const frame = whole(json, { end: other.end ?? end, more: other.more ?? more })
      return cut === null ? frame : frame.slice(0, cut) + frame.slice(cut + 1)
    })
    return [...Array.from({ length: regular }, () => whole("\"a\"")), ...odd]
  })
)

describe("what the reader of a turn is told of deltas", () => {
  promise("is all that came under its id, and does not depend on who else listens", (env) =>
    Effect.gen(function*() {
      const alone = yield* witness(env, 1, oddities)
      assert.deepStrictEqual(alone.tags, [
        "TurnStarted",
        "ItemStarted",
        "ItemAgentMessageDelta",
        "ItemAgentMessageDelta",
        "Undecodable",
        "Undecodable",
        "ItemAgentMessageDelta",
        "ItemAgentMessageDelta",
        "ItemReasoningTextDelta",
        "Undecodable",
        "ItemAgentMessageDelta",
        "ItemAgentMessageDelta",
        "ItemAgentMessageDelta",
        "TurnCompleted"
      ])
      assert.strictEqual((yield* env.appServer.stats).undecodable, 3)
      assert.deepStrictEqual(yield* witness(yield* overheard, 1, oddities), alone)
    }))

  promise("is what parsing each frame gives, however they are written", (env) =>
    Effect.gen(function*() {
      const other = yield* overheard
      const runtime = yield* Effect.runtime()
      let turn = 0
      const property = fc.asyncProperty(talks, (frames) =>
        Runtime.runPromise(runtime)(Effect.gen(function*() {
          turn++
          const alone = yield* witness(env, turn, frames)
          assert.deepStrictEqual(alone, yield* witness(other, turn, frames), frames(turn).join("\n"))
        })))
      yield* Effect.promise(() => fc.assert(property, { numRuns: 500 }))
    }))
})
