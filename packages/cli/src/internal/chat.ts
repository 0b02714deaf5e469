import type { StartTurnError } from "@effect-codex/sdk/Thread"
import type { TurnStreamError } from "@effect-codex/sdk/Turn"
import type * as Turn from "@effect-codex/sdk/Turn"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { type OutputClosed, Stdio } from "../Stdio.js"
import * as Asking from "./asking.js"
import * as ChatInput from "./chatInput.js"
import { type CommandError, explain, isCommandError, render } from "./explain.js"
import * as Format from "./format.js"
import type { ServerOptions, ThreadOptions } from "./options.js"
import * as Screen from "./screen.js"
import * as Session from "./session.js"
import * as TurnView from "./turnView.js"

/** @internal */
export interface ChatOptions extends ServerOptions, ThreadOptions {
  readonly noProgress: boolean
  readonly quiet: boolean
}

type Fatal = CommandError | OutputClosed

type Event =
  | ChatInput.Input
  | { readonly _tag: "TurnEnded" }
  | { readonly _tag: "Fatal"; readonly error: Fatal }

interface Running {
  readonly fiber: Fiber.RuntimeFiber<void>
  turn: Turn.Turn | undefined
}

const maxWaiting = 16

/** @internal */
export const help = `  Type to ask; what you type while a turn runs joins it.
  /new            start a new thread
  /model [name]   show the model, or use another one from now on
  /status         the thread and what it has used
  /quit           leave; so do Ctrl-D, and Ctrl-C where nothing runs
  Ctrl-C          stop the turn that runs`

/**
 * Turn after turn on one thread, until the person leaves.
 *
 * @internal
 */
export const chat = (options: ChatOptions) =>
  Effect.gen(function*() {
    const stdio = yield* Stdio
    const style = Format.styleOf(stdio.stderr.isTTY, stdio.env)
    const isInteractive = stdio.stdin.isTTY && stdio.stderr.isTTY
    const isLive = stdio.stderr.isTTY && !options.noProgress && !options.quiet
    const screen = yield* Screen.make(stdio, { isLive })
    const events = yield* Queue.bounded<Event>(64)
    const asking = Asking.make(stdio, screen)

    yield* Effect.gen(function*() {
      let session = yield* Session.openThread(options)
      let model = session.model
      let tokens: number | undefined
      let running: Running | undefined
      let isLeaving = false
      const waiting: Array<string> = []

      yield* stdio.onInterrupt(() => void events.unsafeOffer({ _tag: "Interrupt" }))
      const note = (text: string) => options.quiet ? Effect.void : screen.note(text)
      const complain = (error: CommandError) => screen.note(render(explain(error), style))
      const introduce = Effect.suspend(() =>
        note(style.dim(
          `${session.resumed ? "going on with" : "new"} thread ${session.thread.id} · ${model} · ${session.cwd}` +
            (isInteractive ? "\n/help says what there is" : "")
        ))
      )
      yield* introduce

      const input = isInteractive
        ? yield* ChatInput.fromTerminal(stdio, screen, (event) => events.offer(event), asking.isAsking)
        : yield* ChatInput.fromPipe(stdio, (event) =>
          events.offer(event), (error) =>
          isCommandError(error) ? events.offer({ _tag: "Fatal", error }) : Effect.die(error))

      const oneTurn = (text: string) =>
        Effect.gen(function*() {
          const view = yield* TurnView.make(stdio, screen, {
            answers: true,
            quiet: options.quiet,
            isLive,
            ...(isInteractive ? { hint: "Ctrl-C stops it" } : {})
          })
          const turn = yield* session.thread.startTurn(text, {
            ...(model === session.model ? {} : { model }),
            ...(Option.isSome(options.effort) ? { effort: options.effort.value } : {})
          })
          if (running !== undefined) {
            running.turn = turn
          }
          yield* Stream.runForEach(turn.events, (event) => {
            if (event._tag === "ThreadTokenUsageUpdated") {
              tokens = event.tokenUsage.total.totalTokens
            }
            return view.show(event)
          }).pipe(
            Effect.zipRight(view.complete),
            Effect.onError(() =>
              Effect.ignore(view.end)
            )
          )
        }).pipe(
          Effect.scoped,
          Effect.onInterrupt(() => note(style.yellow("stopped"))),
          Effect.catchAll((error: TurnStreamError | StartTurnError | OutputClosed) =>
            error._tag === "OutputClosed" || error._tag === "ConnectionClosed"
              ? Effect.asVoid(events.offer({ _tag: "Fatal", error }))
              : complain(error)
          ),
          Effect.ensuring(events.offer({ _tag: "TurnEnded" }))
        )

      const begin = (text: string) =>
        Effect.gen(function*() {
          yield* input.busy
          // It looks at `running` only when the server has answered.
          const fiber = yield* Effect.forkScoped(Effect.interruptible(oneTurn(text)))
          running = { fiber, turn: undefined }
        })

      const wait = (text: string) =>
        Effect.suspend(() => {
          if (waiting.length >= maxWaiting) {
            return note(style.yellow("too many lines wait already; this one is dropped"))
          }
          waiting.push(text)
          return note(style.dim("it is asked when the turn has ended"))
        })

      const steer = (turn: Turn.Turn | undefined, text: string) =>
        turn === undefined ? wait(text) : turn.steer(text).pipe(
          Effect.zipRight(note(style.dim("told the turn that runs"))),
          Effect.catchTags({
            TurnNotActive: () => wait(text),
            TurnNotSteerable: () => wait(text)
          }),
          Effect.catchAll(complain)
        )

      const stop = Effect.suspend(() => running === undefined ? Effect.void : Fiber.interruptFork(running.fiber))

      /** Whether the program goes on. */
      const obey = Effect.fnUntraced(function*(line: string) {
        const [name = "", ...rest] = line.split(/\s+/)
        const argument = rest.join(" ")
        switch (name) {
          case "/quit":
          case "/exit":
            return yield* Effect.as(stop, false)
          case "/help":
            yield* screen.note(help)
            return true
          case "/status":
            yield* screen.note(
              [
                `thread ${session.thread.id}`,
                model,
                session.cwd,
                ...tokens === undefined ? [] : [Format.count(tokens, "token")]
              ]
                .join(" · ")
            )
            return true
          case "/model":
            if (argument !== "") {
              model = argument
            }
            yield* screen.note(argument === "" ? model : `${model} from the next turn on`)
            return true
          case "/new":
            if (running !== undefined) {
              yield* screen.note("Not while a turn runs: Ctrl-C stops it.")
              return true
            }
            yield* Effect.matchEffect(Session.openThread({ ...options, resume: Option.none() }), {
              onFailure: complain,
              onSuccess: (opened) => {
                session = opened
                tokens = undefined
                return introduce
              }
            })
            return true
          default:
            yield* screen.note(`There is no ${Format.oneLine(name)}.\n${help}`)
            return true
        }
      })

      /** Whether the program goes on. */
      const handle = (event: Event): Effect.Effect<
        boolean,
        Fatal,
        Effect.Effect.Context<ReturnType<typeof obey>> | Effect.Effect.Context<ReturnType<typeof begin>>
      > =>
        Effect.gen(function*() {
          switch (event._tag) {
            case "Fatal":
              return yield* event.error
            case "Interrupt":
              if (running === undefined) {
                return false
              }
              yield* stop
              return true
            case "End":
              isLeaving = true
              return running !== undefined
            case "TurnEnded": {
              running = undefined
              const next = waiting.shift()
              if (next !== undefined) {
                yield* begin(next)
                return true
              }
              return !isLeaving
            }
            case "Line": {
              const text = event.text.trim()
              if (text === "") {
                return true
              }
              if (text.startsWith("/")) {
                return yield* obey(text)
              }
              yield* running === undefined ? begin(text) : steer(running.turn, text)
              return true
            }
          }
        })

      yield* Effect.suspend(() => running === undefined ? input.prompt : Effect.void).pipe(
        Effect.zipRight(events.take),
        Effect.flatMap(handle),
        Effect.repeat({ while: (goesOn) => goesOn })
      )
    }).pipe(
      Effect.scoped,
      Effect.provide(Layer.provideMerge(Session.codex(options), asking.layer))
    )
  }).pipe(Effect.scoped)
