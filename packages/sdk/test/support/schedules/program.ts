import type * as Server from "@effect-codex/protocol/Server"
import * as Approval from "@effect-codex/sdk/Approval"
import type { Thread } from "@effect-codex/sdk/Thread"
import { end } from "@effect-codex/sdk/Transport"
import type { Turn } from "@effect-codex/sdk/Turn"
import type { ThreadEvent, TurnEvent } from "@effect-codex/sdk/TurnEvent"
import type { Message } from "@effect-codex/testing/MemoryTransport"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connect, type Env } from "../env.js"
import { askCommand } from "../questions.js"
import { agentMessage } from "../talk.js"
import { exitOf, VirtualTime, wordOf } from "../virtualTime.js"
import type { Event } from "./modelState.js"

/** A fiber of the program that starts a turn and holds it until its scope is left. */
export class RealHandle {
  readonly fiber: Fiber.RuntimeFiber<void, { readonly _tag: string }>
  turn: Turn | undefined
  #result: Fiber.RuntimeFiber<unknown, { readonly _tag: string }> | undefined
  readonly #leave = Deferred.unsafeMake<void>(FiberId.none)

  constructor(time: VirtualTime, thread: Thread, name: string, whenActive: "wait" | "join" | "fail") {
    this.fiber = time.fork(Effect.scoped(
      Effect.flatMap(thread.startTurn(name, { whenActive }), (turn) => {
        this.turn = turn
        this.#result = time.fork(turn.result)
        return Deferred.await(this.#leave)
      })
    ))
  }

  get leave(): Effect.Effect<unknown> {
    return Deferred.succeed(this.#leave, undefined)
  }

  /** How its turn has ended. */
  get result(): string {
    return this.#result === undefined ? "no turn" : wordOf(exitOf(this.#result), "completed") ?? "waits"
  }

  get state(): string {
    const started = this.turn === undefined ? "starting" : this.turn.joined ? `${this.turn.id}, joined` : this.turn.id
    return wordOf(exitOf(this.fiber), "closed") ?? started
  }
}

const tell = (event: TurnEvent | ThreadEvent): string => {
  switch (event._tag) {
    case "TurnStarted":
      return `started ${event.turn.id}`
    case "ItemAgentMessageDelta":
      return `delta ${event.delta}`
    case "ItemCompleted":
      return event.item.type === "agentMessage" ? `item ${event.item.text}` : event._tag
    case "TurnCompleted":
      return `completed ${event.turn.id} ${event.turn.status}`
    case "ThreadStatusChanged":
      return `status ${event.status.type}`
    case "ServerRequestResolved":
      return `resolved ${event.requestId}`
    default:
      return event._tag
  }
}

/** The stream of a handle's view, as words. */
export const viewOf = (
  turn: Turn,
  view: "events" | "textDeltas" | "items"
): Stream.Stream<string, { readonly _tag: string }> => {
  switch (view) {
    case "events":
      return Stream.map(turn.events, tell)
    case "textDeltas":
      return turn.textDeltas
    case "items":
      return Stream.map(turn.items, (item) => item.type === "agentMessage" ? item.text : item.type)
  }
}

/** A fiber of the program that reads a stream, as slow as it is told to be. */
export class RealReader {
  readonly fiber: Fiber.RuntimeFiber<void, { readonly _tag: string }>
  readonly #got: Array<string> = []
  readonly #permits = Effect.unsafeMakeSemaphore(0)

  constructor(time: VirtualTime, stream: Stream.Stream<string, { readonly _tag: string }>) {
    this.fiber = time.fork(Stream.runForEach(stream, (event) =>
      Effect.map(this.#permits.take(1), () => {
        this.#got.push(event)
      })))
  }

  read(events: number): Effect.Effect<unknown> {
    return this.#permits.release(events)
  }

  get state() {
    return { got: this.#got, ending: wordOf(exitOf(this.fiber), "completed") }
  }
}

/** A program on the SDK, and the server that it talks to. */
export class Program {
  readonly #time = new VirtualTime()
  readonly #scope = this.#time.run(Scope.make())
  readonly #gates = new Map<string | number, Deferred.Deferred<void>>()
  readonly #env: Env = this.#time.run(Scope.extend(
    connect({
      handlers: {
        commandApproval: ({ requestId }) => Effect.as(Deferred.await(this.#gate(requestId)), Approval.accept)
      }
    }),
    this.#scope
  ))
  readonly handles: Array<RealHandle> = []
  readonly readers: Array<RealReader> = []
  readonly stops: Array<RealStop> = []

  #gate(id: string | number): Deferred.Deferred<void> {
    const gate = this.#gates.get(id) ?? Deferred.unsafeMake<void>(FiberId.none)
    this.#gates.set(id, gate)
    return gate
  }

  #handle(index: number): RealHandle {
    const handle = this.handles[index]
    if (handle === undefined) {
      throw new Error(`there is no h${index}`)
    }
    return handle
  }

  #turn(index: number): Turn {
    const { turn } = this.#handle(index)
    if (turn === undefined) {
      throw new Error(`h${index} has no turn`)
    }
    return turn
  }

  start(threadId: string, name: string, whenActive: "wait" | "join" | "fail"): void {
    this.handles.push(new RealHandle(this.#time, this.#env.codex.thread(threadId), name, whenActive))
  }

  interrupt(index: number): void {
    this.#time.fork(Fiber.interruptFork(this.#handle(index).fiber))
  }

  leave(index: number): void {
    this.#time.fork(this.#handle(index).leave)
  }

  stopTurn(index: number): void {
    this.stops.push(new RealStop(this.#time, this.#turn(index)))
  }

  detach(index: number): void {
    this.#time.run(this.#turn(index).detach)
  }

  subscribe(index: number, view: "events" | "textDeltas" | "items"): void {
    this.readers.push(new RealReader(this.#time, viewOf(this.#turn(index), view)))
  }

  watch(threadId: string): void {
    this.readers.push(new RealReader(this.#time, Stream.map(this.#env.codex.thread(threadId).events, tell)))
  }

  #reader(index: number): RealReader {
    const reader = this.readers[index]
    if (reader === undefined) {
      throw new Error(`there is no reader ${index}`)
    }
    return reader
  }

  read(index: number, events: number): void {
    this.#time.run(this.#reader(index).read(events))
  }

  unsubscribe(index: number): void {
    this.#time.fork(Fiber.interruptFork(this.#reader(index).fiber))
  }

  answerQuestion(id: string): void {
    this.#time.run(Deferred.succeed(this.#gate(id), undefined))
  }

  advance(millis: number, onSettled: () => void): void {
    this.#time.advance(millis, onSettled)
  }

  // the server

  /** Lets everything go on, and gives what the program has sent. */
  sent(): ReadonlyArray<Message> {
    this.#time.settle()
    return this.#time.run(this.#env.server.takeAll)
  }

  answer(id: number, result: unknown): void {
    this.#time.run(this.#env.server.respond(id, result))
  }

  refuse(id: number): void {
    this.#time.run(this.#env.server.fail(id, { code: -32600, message: "refused" }))
  }

  notify(threadId: string, turn: Server.Turn, kind: Event["kind"], text: string): void {
    const { server } = this.#env
    switch (kind) {
      case "started":
        return this.#time.run(server.notify("turn/started", { threadId, turn }))
      case "delta":
        return this.#time.run(
          server.notify("item/agentMessage/delta", { threadId, turnId: turn.id, itemId: "item-1", delta: text })
        )
      case "item":
        return this.#time.run(
          server.notify("item/completed", {
            threadId,
            turnId: turn.id,
            item: agentMessage("item-1", text),
            completedAtMs: 1
          })
        )
      default:
        return this.#time.run(server.notify("turn/completed", { threadId, turn }))
    }
  }

  notifyStatus(threadId: string, type: "active" | "idle"): void {
    const status = type === "active" ? { type, activeFlags: [] } : { type }
    this.#time.run(this.#env.server.notify("thread/status/changed", { threadId, status }))
  }

  ask(id: string, { id: turnId, threadId }: { readonly id: string; readonly threadId: string }): void {
    this.#time.run(askCommand(this.#env, id, { threadId, turnId }))
  }

  resolve(requestId: string, threadId: string): void {
    this.#time.run(this.#env.server.notify("serverRequest/resolved", { requestId, threadId }))
  }

  endTransport(): void {
    this.#time.run(this.#env.server.end(end("EndOfStream")))
  }

  // what can be seen

  get holds() {
    const { pendingRequests, serverRequests, threads, turns } = this.#time.run(this.#env.appServer.stats)
    return { pendingRequests, turns, threads, serverRequests }
  }

  get sleeping(): number {
    return this.#time.sleeping
  }

  close(): void {
    this.#time.run(Scope.close(this.#scope, Exit.void))
  }

  get fibersLeft(): ReadonlyArray<string> {
    return this.#time.fibersLeft
  }
}

/** A fiber of the program that stops a turn. */
class RealStop {
  readonly #fiber: Fiber.RuntimeFiber<unknown, { readonly _tag: string }>

  constructor(time: VirtualTime, turn: Turn) {
    this.#fiber = time.fork(turn.interrupt)
  }

  get outcome(): string | undefined {
    return wordOf(exitOf(this.#fiber), "TurnResult")
  }
}
