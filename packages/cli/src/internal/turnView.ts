import type { TurnEvent } from "@effect-codex/sdk/TurnEvent"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { OutputClosed, Service as Stdio } from "../Stdio.js"
import * as Format from "./format.js"
import * as Items from "./items.js"
import * as Progress from "./progress.js"
import type { Screen } from "./screen.js"

/**
 * How a turn is shown.
 *
 * @internal
 */
export interface Options {
  /** Whether the agent's words go to stdout; without it only what it does is told. */
  readonly answers: boolean
  /** Nothing but errors on stderr. */
  readonly quiet: boolean
  /** Whether there is a live line. */
  readonly isLive: boolean
  /** What the live line says at its end. */
  readonly hint?: string
}

/** @internal */
export interface TurnView {
  readonly show: (event: TurnEvent) => Effect.Effect<void, OutputClosed>
  /** Ends the line that is being written. */
  readonly end: Effect.Effect<void, OutputClosed>
  /** The same for a turn that has completed, so that the answer is whole. */
  readonly complete: Effect.Effect<void, OutputClosed>
}

/**
 * Shows one turn while the scope is open.
 *
 * On a terminal every message is shown as it is written. Elsewhere stdout gets the final answer alone: as it is written
 * where the server says that a message is it, and else at the end, when it is known that no other message follows.
 *
 * @internal
 */
export const make = (
  stdio: Stdio,
  screen: Screen,
  options: Options
): Effect.Effect<TurnView, never, Scope.Scope> =>
  Effect.gen(function*() {
    const style = Format.styleOf(stdio.stderr.isTTY, stdio.env)
    const isShared = stdio.stdout.isTTY
    let progress = Progress.start(yield* Clock.currentTimeMillis)
    /** The message that is being written to stdout, and how much of it there is. */
    let writing: { readonly id: string; readonly length: number } | undefined
    let wrote = false
    let endsInNewline = true
    let withheld: string | undefined
    let isOver = false
    const phases = new Map<string, string | null>()

    const redraw = Effect.gen(function*() {
      if (isOver) {
        return
      }
      const columns = yield* stdio.stderr.columns
      const now = yield* Clock.currentTimeMillis
      yield* screen.live(Progress.render(progress, {
        now,
        columns,
        style,
        ...(options.hint === undefined ? {} : { hint: options.hint })
      }))
    })
    if (options.isLive) {
      yield* Effect.addFinalizer(() => screen.live(""))
      yield* redraw.pipe(Effect.zipRight(Effect.sleep("100 millis")), Effect.forever, Effect.forkScoped)
    }

    const note = (text: string) => options.quiet ? Effect.void : screen.note(text)

    const answer = (text: string) =>
      text === "" ? Effect.void : Effect.suspend(() => {
        wrote = true
        endsInNewline = text.endsWith("\n")
        return screen.answer(isShared ? Format.printable(text) : text)
      })

    /** Between two messages there is an empty line. */
    const begin = (id: string) =>
      Effect.suspend(() => {
        writing = { id, length: 0 }
        if (!wrote) {
          return Effect.void
        }
        // On a terminal a notice may have ended the line that stood there.
        return isShared
          ? Effect.zipRight(screen.freshLine, answer("\n"))
          : answer(endsInNewline ? "\n" : "\n\n")
      })

    const goesOut = (phase: string | null | undefined) =>
      options.answers && (phase === "final_answer" || (isShared && phase !== "commentary"))

    const write = (id: string, text: string) =>
      Effect.zipRight(
        writing?.id === id ? Effect.void : begin(id),
        Effect.suspend(() => {
          writing = { id, length: (writing?.length ?? 0) + text.length }
          return answer(text)
        })
      )

    const message = (id: string, text: string, phase: string | null) =>
      Effect.suspend(() => {
        if (goesOut(phase)) {
          const written = writing?.id === id ? writing.length : 0
          return Effect.zipRight(
            text.length > written ? write(id, text.slice(written)) : Effect.void,
            isShared && !endsInNewline ? answer("\n") : Effect.void
          )
        }
        if (phase === null && options.answers) {
          withheld = text
          return Effect.void
        }
        return phase === "commentary" ? note(style.dim(Format.printable(text.trimEnd()))) : Effect.void
      })

    const show = (event: TurnEvent): Effect.Effect<void, OutputClosed> => {
      progress = Progress.step(progress, event)
      return event._tag === "ItemCompleted" && options.isLive ? Effect.zipRight(redraw, tell(event)) : tell(event)
    }

    const tell = (event: TurnEvent): Effect.Effect<void, OutputClosed> => {
      switch (event._tag) {
        case "ItemStarted":
          if (event.item.type === "agentMessage") {
            phases.set(event.item.id, event.item.phase ?? null)
          }
          return Effect.void
        case "ItemAgentMessageDelta":
          return goesOut(phases.get(event.itemId)) ? write(event.itemId, event.delta) : Effect.void
        case "ItemCompleted": {
          const { item } = event
          if (item.type === "agentMessage") {
            phases.delete(item.id)
            return message(item.id, item.text, item.phase ?? null)
          }
          const outcome = Items.outcomeOf(item)
          return outcome === undefined
            ? Effect.void
            : note(`${outcome.ok ? style.green("✓") : style.red("✗")} ${outcome.text}`)
        }
        case "Error":
          return event.willRetry
            ? note(`${style.yellow("!")} ${Format.oneLine(event.error.message)} (trying again)`)
            : Effect.void
        case "ModelRerouted":
          return note(
            `${style.yellow("!")} ${Format.oneLine(`answered by ${event.toModel} in place of ${event.fromModel}`)}`
          )
        default:
          return Effect.void
      }
    }

    const end = Effect.suspend(() => {
      isOver = true
      return Effect.zipRight(screen.live(""), endsInNewline ? Effect.void : answer("\n"))
    })

    const complete = Effect.suspend(() =>
      Effect.zipRight(wrote || withheld === undefined ? Effect.void : answer(withheld), end)
    )

    return { show, end, complete }
  })
