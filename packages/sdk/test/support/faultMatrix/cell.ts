import * as Approval from "@effect-codex/sdk/Approval"
import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import * as Tool from "@effect-codex/sdk/Tool"
import * as Faults from "@effect-codex/testing/Faults"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { exitOf, VirtualTime, wordOf } from "../virtualTime.js"
import type { Scoped, World } from "./operations.js"
import { layer as serverLayer, otherWords } from "./server.js"

/** What became of an operation that a fault has struck. */
export interface Result {
  readonly outcome: string
  /** When the operation and its scope were left. */
  readonly millis: number
  readonly other: string
  /** What the other turn said, where that is not exactly what it should have. */
  readonly otherWords: ReadonlyArray<string> | "as they should be"
  readonly strikes: number
  readonly held: { readonly [kind: string]: number }
  readonly fibersLeft: ReadonlyArray<string>
  readonly sleeping: number
}

const lookup = Tool.make("lookup", { description: "looks up", handler: () => Effect.succeed("fish") })

/** Time enough for every operation, and for the other turn. */
const longEnough = 300_000

/** Plays an operation while another turn runs, with one fault. */
export const play = (prepare: (world: World) => Scoped<Scoped<unknown>>, fault: Faults.Fault): Result => {
  const time = new VirtualTime()
  const scope = time.run(Scope.make())
  const close = Scope.close(scope, Exit.void)
  const context = time.run(Layer.buildWithScope(
    Codex.layerExperimental.pipe(
      Layer.provide(ServerRequests.layer({ commandApproval: () => Effect.succeed(Approval.accept) })),
      Layer.provideMerge(Faults.layer([fault])),
      Layer.provideMerge(serverLayer)
    ),
    scope
  ))
  const codex = Context.get(context, Codex.Codex)
  const appServer = Context.get(context, AppServer)
  const open = codex.startThread({ tools: [lookup] }).pipe(
    Effect.provide(context)
  )
  const thread = time.run(open)
  const otherThread = time.run(open)

  const words: Array<string> = []
  const other = time.fork(
    otherThread.stream("other").pipe(
      Stream.runForEach((event) =>
        Effect.sync(() => event._tag === "ItemAgentMessageDelta" ? words.push(event.delta) : undefined)
      )
    )
  )
  time.settle()
  time.advance(1_000)

  const operationScope = time.run(Scope.make())
  const operation = time.run(Scope.extend(prepare({ codex, appServer, thread, close }), operationScope))
  const began = time.now
  let left = Number.POSITIVE_INFINITY
  const fiber = time.fork(operation.pipe(
    Scope.extend(operationScope),
    Effect.ensuring(Scope.close(operationScope, Exit.void)),
    Effect.ensuring(Effect.sync(() => left = time.now - began))
  ))
  time.settle()
  time.advance(longEnough)

  const { operations, pendingRequests, serverRequests, threads, turns } = time.run(appServer.stats)
  const strikes = time.run(Context.get(context, Faults.Log).strikes)
  const otherOutcome = wordOf(exitOf(other), "completes") ?? "still runs"
  const expectedWords = otherWords.slice(0, otherOutcome === "completes" ? otherWords.length : words.length)
  time.run(close)
  return {
    outcome: wordOf(exitOf(fiber), "succeeds") ?? "still runs",
    millis: left,
    other: otherOutcome,
    otherWords: words.join() === expectedWords.join() ? "as they should be" : words,
    strikes: strikes.length,
    held: { operations, pendingRequests, serverRequests, threads, turns },
    fibersLeft: time.fibersLeft,
    sleeping: time.sleeping
  }
}
