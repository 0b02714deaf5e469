import type * as Client from "@effect-codex/protocol/Client"
import type { ClientRequests } from "@effect-codex/protocol/ClientRequests"
import type * as Server from "@effect-codex/protocol/Server"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type * as MemoryTransport from "../MemoryTransport.js"
import * as MemoryInbox from "./memoryInbox.js"
import * as Messages from "./memoryMessages.js"
import * as MemoryPair from "./memoryPair.js"
import * as MemoryTurn from "./memoryTurn.js"
import * as ModelScript from "./modelScript.js"

type Handlers = {
  readonly [M in keyof ClientRequests]?: (params: ClientRequests[M]["params"], id: number) => Effect.Effect<void>
}

type Handler = (params: unknown, id: number) => Effect.Effect<void>

const invalidRequest = -32600
const internalError = -32603
const keptMessages = 1_000

/** @internal */
export const make = Effect.fnUntraced(function*(
  script: MemoryTransport.Script,
  answers: MemoryTransport.Answers
): Effect.fn.Return<MemoryPair.Pair, never, Scope.Scope> {
  const scope = yield* Effect.scope
  const { server, transport } = yield* MemoryPair.make
  const seen = MemoryInbox.make(keptMessages)
  const select = ModelScript.select(script)
  const threads = new Map<string, MemoryTurn.MemoryThread>()
  let lastThread = 0
  let lastTurn = 0
  let lastItem = 0
  let asked = 0

  const refuse = (id: number, message: string) => server.fail(id, { code: invalidRequest, message })

  const addThread = (id: string) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      const thread: MemoryTurn.MemoryThread = {
        id,
        createdAt: Math.floor(now / 1_000),
        name: null,
        total: Messages.noTokens,
        active: undefined,
        turns: []
      }
      threads.set(id, thread)
      return thread
    })

  /** A thread that was not started here may have been stored before. */
  const loadThread = (id: string) => {
    const known = threads.get(id)
    return known === undefined ? addThread(id) : Effect.succeed(known)
  }

  const view = (thread: MemoryTurn.MemoryThread): Server.Thread =>
    Messages.thread(thread.id, { now: thread.createdAt, name: thread.name, active: thread.active !== undefined })

  const turnsOf = ({ active, turns }: MemoryTurn.MemoryThread): ReadonlyArray<Server.Turn> =>
    active === undefined ? turns : [...turns, MemoryTurn.snapshot(active, {})]

  const withThread = (
    id: number,
    threadId: string,
    use: (thread: MemoryTurn.MemoryThread) => Effect.Effect<void>
  ): Effect.Effect<void> => {
    const thread = threads.get(threadId)
    return thread === undefined ? refuse(id, `thread not found: ${threadId}`) : use(thread)
  }

  const turnOptions: MemoryTurn.Options = {
    notify: server.notify,
    nextItemId: () => `item-${++lastItem}`,
    ask: (turn, input) =>
      select(Messages.modelRequest({ index: asked++, threadId: turn.thread.id, turnId: turn.id, input }))
  }

  const startTurn = Effect.fnUntraced(function*(
    id: number,
    thread: MemoryTurn.MemoryThread,
    input: Client.TurnStartParams["input"]
  ) {
    const turn = yield* MemoryTurn.make(`turn-${++lastTurn}`, thread)
    const entry = turnOptions.ask(turn, input)
    thread.active = turn
    const when = Effect.isEffect(entry) ? "First" : answerOf(entry)
    const answer = server.respond(id, { turn: MemoryTurn.snapshot(turn, {}) })
    if (when === "First") {
      yield* answer
    }
    const run = MemoryTurn.run(turn, input, entry, turnOptions)
    turn.fiber = yield* Effect.forkIn(when === "Last" ? Effect.zipRight(run, answer) : run, scope)
  })

  const handlers: Handlers = {
    initialize: (params, id) => server.respond(id, Messages.initialized(params)),
    "thread/start": (params, id) =>
      Effect.flatMap(addThread(`thread-${++lastThread}`), (thread) =>
        Effect.zipRight(
          server.respond(id, Messages.opened(view(thread), params)),
          server.notify("thread/started", { thread: view(thread) })
        )),
    "thread/resume": (params, id) =>
      Effect.flatMap(
        loadThread(params.threadId),
        (thread) => server.respond(id, Messages.opened(view(thread), params))
      ),
    "thread/read": (params, id) =>
      withThread(
        id,
        params.threadId,
        (thread) =>
          server.respond(id, {
            thread: { ...view(thread), turns: params.includeTurns === true ? turnsOf(thread) : [] }
          })
      ),
    "thread/name/set": (params, id) =>
      withThread(id, params.threadId, (thread) => {
        thread.name = params.name
        return Effect.zipRight(
          server.respond(id, {}),
          server.notify("thread/name/updated", { threadId: thread.id, threadName: params.name })
        )
      }),
    "thread/archive": (params, id) =>
      withThread(
        id,
        params.threadId,
        (thread) => Effect.zipRight(server.respond(id, {}), server.notify("thread/archived", { threadId: thread.id }))
      ),
    "thread/unsubscribe": (params, id) =>
      withThread(id, params.threadId, () => server.respond(id, { status: "unsubscribed" })),
    "turn/start": ({ input, threadId }, id) =>
      withThread(id, threadId, (thread) =>
        // The input joins an active turn, and the answer names that one.
        thread.active === undefined ? startTurn(id, thread, input) : Effect.zipRight(
          server.respond(id, { turn: MemoryTurn.snapshot(thread.active, {}) }),
          MemoryTurn.steer(thread.active, input)
        )),
    "turn/steer": ({ expectedTurnId, input, threadId }, id) =>
      withThread(id, threadId, ({ active }) =>
        active === undefined
          ? refuse(id, "no active turn to steer")
          : active.id !== expectedTurnId
          ? refuse(id, `expected active turn id \`${expectedTurnId}\` but found \`${active.id}\``)
          : Effect.zipRight(server.respond(id, { turnId: active.id }), MemoryTurn.steer(active, input))),
    "turn/interrupt": ({ threadId, turnId }, id) =>
      withThread(id, threadId, ({ active }) =>
        active === undefined
          ? refuse(id, "no active turn to interrupt")
          : active.id !== turnId
          ? refuse(id, `expected active turn id ${turnId} but found ${active.id}`)
          : (active.fiber === undefined ? Effect.void : Fiber.interrupt(active.fiber)).pipe(
            Effect.zipRight(server.respond(id, {})),
            Effect.zipRight(MemoryTurn.complete(active, "interrupted", turnOptions))
          ))
  }

  const refuseDefects = (id: number) =>
    Effect.catchAllDefect((defect) =>
      server.fail(id, { code: internalError, message: `The script threw: ${String(defect)}` })
    )

  const onRequest = (id: number, method: string, params: unknown): Effect.Effect<void> => {
    const given = Object.hasOwn(answers, method) ? answers[method as keyof ClientRequests] : undefined
    if (given !== undefined) {
      // Answers may take their time, and the server goes on meanwhile.
      return answer(given as (params: unknown) => Effect.Effect<unknown, MemoryTransport.Refused>, params).pipe(
        Effect.matchEffect({
          onFailure: ({ code, data, message }) => server.fail(id, { code, message, data }),
          onSuccess: (result) => server.respond(id, result)
        }),
        refuseDefects(id),
        Effect.interruptible,
        Effect.forkIn(scope)
      )
    }
    const handler = Object.hasOwn(handlers, method) ? handlers[method as keyof ClientRequests] : undefined
    return handler === undefined
      ? refuse(id, `The in-memory app-server does not answer ${method}. Add it to \`answers\`.`)
      // The client checks params by the method's own schema before it sends them.
      : (handler as Handler)(params, id)
  }

  yield* server.take.pipe(
    Effect.flatMap((message) => {
      seen.offer(message)
      const { id, method, params } = message
      return method !== undefined && typeof id === "number"
        ? refuseDefects(id)(Effect.suspend(() => onRequest(id, method, params)))
        : Effect.void
    }),
    Effect.forever,
    Effect.interruptible,
    Effect.forkScoped
  )

  return { transport, server: { ...server, ...seen.takers } }
})

const answer = (
  given: (params: unknown) => Effect.Effect<unknown, MemoryTransport.Refused>,
  params: unknown
) => Effect.suspend(() => given(params))

const answerOf = (reply: object): MemoryTransport.Answer =>
  "answer" in reply && (reply.answer === "Last" || reply.answer === "Never") ? reply.answer : "First"
