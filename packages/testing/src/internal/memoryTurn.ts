import type * as Client from "@effect-codex/protocol/Client"
import type * as Server from "@effect-codex/protocol/Server"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as MemoryTransport from "../MemoryTransport.js"
import type * as ScriptedModel from "../ScriptedModel.js"
import * as Messages from "./memoryMessages.js"
import type { Ending, Select } from "./modelScript.js"
import * as Race from "./race.js"

type Input = ReadonlyArray<Client.UserInput>

type Notify = MemoryTransport.Server["Type"]["notify"]

/** @internal */
export interface MemoryThread {
  readonly id: string
  readonly createdAt: number
  name: string | null
  total: Server.TokenUsageBreakdown
  active: MemoryTurn | undefined
  /** The latest turns that are over, as they can be read. */
  readonly turns: Array<Server.Turn>
}

const keptTurns = 100

/** @internal */
export interface MemoryTurn {
  readonly id: string
  readonly thread: MemoryThread
  readonly startedAtMs: number
  /** What was said to the turn while it ran, and not taken up yet. */
  readonly steered: Array<Input>
  /** Opened when something is said to the turn: the reply that is under way is cut there. */
  readonly cut: Effect.Latch
  lastMessage: Server.ThreadItem | undefined
  fiber: Fiber.Fiber<void> | undefined
}

/** @internal */
export const make = (id: string, thread: MemoryThread): Effect.Effect<MemoryTurn> =>
  Effect.map(Clock.currentTimeMillis, (startedAtMs) => ({
    id,
    thread,
    startedAtMs,
    steered: [],
    cut: Effect.unsafeMakeLatch(false),
    lastMessage: undefined,
    fiber: undefined
  }))

/** @internal */
export const steer = (turn: MemoryTurn, input: Input): Effect.Effect<void> =>
  Effect.suspend(() => {
    turn.steered.push(input)
    return turn.cut.open
  })

/** @internal */
export interface Options {
  readonly notify: Notify
  readonly nextItemId: () => string
  readonly ask: (turn: MemoryTurn, input: Input) => ReturnType<Select>
}

/**
 * Tells a turn from its first notification to its completion, which also makes it the thread's active turn no more.
 *
 * @internal
 */
export const run = (turn: MemoryTurn, input: Input, entry: ReturnType<Select>, options: Options): Effect.Effect<void> =>
  Effect.gen(function*() {
    const { thread } = turn
    yield* options.notify("thread/status/changed", {
      threadId: thread.id,
      status: { type: "active", activeFlags: [] }
    })
    yield* options.notify("turn/started", {
      threadId: thread.id,
      turn: snapshot(turn, { status: "inProgress", startedAt: seconds(turn.startedAtMs) })
    })
    yield* exchange(turn, input, entry, options)
    let next = turn.steered.splice(0)
    while (next.length > 0) {
      yield* turn.cut.close
      const joined = next.flat()
      yield* exchange(turn, joined, options.ask(turn, joined), options)
      next = turn.steered.splice(0)
    }
    yield* complete(turn, "completed", options)
  }).pipe(
    Effect.catchAllDefect((defect) =>
      Effect.fail<Ending>({ _tag: "Fail", code: "script", message: `The script threw: ${String(defect)}` })
    ),
    Effect.catchAll((ending) => fail(turn, ending, options))
  )

/** What the user says, and what the model answers until it is done or something more is said. */
const exchange = (turn: MemoryTurn, input: Input, entry: ReturnType<Select>, options: Options) =>
  Effect.gen(function*() {
    const userMessage = {
      type: "userMessage",
      id: options.nextItemId(),
      // It has come as JSON, which has no undefined members, and that is all that the two types differ in.
      content: input as ReadonlyArray<Server.UserInput>
    } as const
    yield* itemStarted(turn, userMessage, options)
    yield* itemCompleted(turn, userMessage, options)
    const say = Effect.gen(function*() {
      const reply = Effect.isEffect(entry) ? yield* entry : entry
      for (const item of reply.items) {
        yield* sayItem(turn, item, options)
      }
      const last = Messages.tokens(reply.usage)
      turn.thread.total = Messages.addTokens(turn.thread.total, last)
      yield* options.notify("thread/tokenUsage/updated", {
        ...ids(turn),
        tokenUsage: { total: turn.thread.total, last, modelContextWindow: null }
      })
    })
    yield* Race.first(say, turn.cut.await)
  })

const sayItem = (
  turn: MemoryTurn,
  item: ScriptedModel.Item,
  options: Options
): Effect.Effect<void, Ending> => {
  switch (item._tag) {
    case "Wait":
      return Effect.asVoid(Effect.mapError(item.effect, (failure) => failure.ending))
    case "ToolCall":
      return Effect.fail({
        _tag: "Fail",
        code: "invalid_prompt",
        message: `The in-memory app-server runs no tools, and the script calls ${item.name}.`
      })
    case "Text": {
      const message = (id: string, text: string) =>
        ({ type: "agentMessage", id, text, phase: item.phase ?? null }) as const
      return sayText(
        turn,
        item.steps,
        options,
        message,
        (itemId, delta) => options.notify("item/agentMessage/delta", { ...ids(turn), itemId, delta })
      )
    }
    case "Reasoning":
      return sayText(
        turn,
        item.steps,
        options,
        (id, text) => ({ type: "reasoning", id, summary: text === "" ? [] : [text], content: [] }),
        (itemId, delta) =>
          options.notify("item/reasoning/summaryTextDelta", { ...ids(turn), itemId, delta, summaryIndex: 0 })
      )
  }
}

const sayText = Effect.fnUntraced(function*(
  turn: MemoryTurn,
  steps: ReadonlyArray<ScriptedModel.Step>,
  options: Options,
  make: (id: string, text: string) => Server.ThreadItem,
  onDelta: (id: string, delta: string) => Effect.Effect<void>
): Effect.fn.Return<void, Ending> {
  const id = options.nextItemId()
  let text = ""
  yield* itemStarted(turn, make(id, text), options)
  for (const step of steps) {
    if (typeof step === "string") {
      text += step
      yield* onDelta(id, step)
    } else {
      yield* Effect.mapError(step, (failure) => failure.ending)
    }
  }
  const item = make(id, text)
  if (item.type === "agentMessage") {
    turn.lastMessage = item
  }
  yield* itemCompleted(turn, item, options)
})

const itemStarted = (turn: MemoryTurn, item: Server.ThreadItem, { notify }: Options) =>
  Effect.flatMap(
    Clock.currentTimeMillis,
    (startedAtMs) => notify("item/started", { ...ids(turn), item, startedAtMs })
  )

const itemCompleted = (turn: MemoryTurn, item: Server.ThreadItem, { notify }: Options) =>
  Effect.flatMap(
    Clock.currentTimeMillis,
    (completedAtMs) => notify("item/completed", { ...ids(turn), item, completedAtMs })
  )

/** @internal */
export const complete = (
  turn: MemoryTurn,
  status: "completed" | "interrupted",
  options: Pick<Options, "notify">
): Effect.Effect<void> =>
  Effect.suspend(() => {
    turn.thread.active = undefined
    const items = status === "completed" && turn.lastMessage !== undefined ? [turn.lastMessage] : []
    return options.notify("thread/status/changed", { threadId: turn.thread.id, status: { type: "idle" } }).pipe(
      Effect.zipRight(completed(turn, { status, items }, options))
    )
  })

const fail = (turn: MemoryTurn, ending: Ending, options: Options): Effect.Effect<void> =>
  Effect.suspend(() => {
    turn.thread.active = undefined
    const error: Server.TurnError = {
      message: messageOf(ending),
      codexErrorInfo: ending._tag === "Fail" && ending.code === "context_length_exceeded"
        ? "contextWindowExceeded"
        : "other",
      additionalDetails: null
    }
    return options.notify("thread/status/changed", { threadId: turn.thread.id, status: { type: "systemError" } }).pipe(
      Effect.zipRight(options.notify("error", { ...ids(turn), error, willRetry: false })),
      Effect.zipRight(completed(turn, { status: "failed", items: [], error }, options))
    )
  })

const completed = (
  turn: MemoryTurn,
  end: Pick<Server.Turn, "status" | "items"> & Partial<Server.Turn>,
  { notify }: Pick<Options, "notify">
) =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const over = snapshot(turn, {
      ...end,
      itemsView: end.items.length === 0 ? "notLoaded" : "summary",
      startedAt: seconds(turn.startedAtMs),
      completedAt: seconds(now),
      durationMs: now - turn.startedAtMs
    })
    turn.thread.turns.push(over)
    turn.thread.turns.splice(0, turn.thread.turns.length - keptTurns)
    return notify("turn/completed", { threadId: turn.thread.id, turn: over })
  })

/** @internal */
export const snapshot = (turn: MemoryTurn, state: Partial<Server.Turn>): Server.Turn => ({
  id: turn.id,
  rootTurnId: turn.id,
  items: [],
  itemsView: "notLoaded",
  status: "inProgress",
  error: null,
  startedAt: null,
  completedAt: null,
  durationMs: null,
  ...state
})

const messageOf = (ending: Ending): string => {
  switch (ending._tag) {
    case "Fail":
      return ending.message
    case "HttpError":
      return `unexpected status ${ending.status}: ${ending.body}`
    case "Drop":
      return "stream disconnected before completion"
  }
}

const ids = (turn: MemoryTurn) => ({ threadId: turn.thread.id, turnId: turn.id })

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1_000)
