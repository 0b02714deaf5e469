import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { OutputClosed, Service as Stdio } from "../Stdio.js"

/**
 * One terminal for the answer on stdout, the notices on stderr and a live line below them. The live line is there only
 * while the line that it stands on is free, so that it never cuts into a text that is being written.
 *
 * @internal
 */
export interface Screen {
  /** Text of the answer, for stdout. */
  readonly answer: (text: string) => Effect.Effect<void, OutputClosed>
  /** Text that comes piece by piece and is no part of the answer, for stderr. */
  readonly aside: (text: string) => Effect.Effect<void>
  /** One or more whole lines for stderr. */
  readonly note: (lines: string) => Effect.Effect<void>
  /** Ends the line that is being written, if there is one, for a person who looks at it. */
  readonly freshLine: Effect.Effect<void>
  /** What stands in the live line from now on; nothing where it is empty. */
  readonly live: (line: string) => Effect.Effect<void>
  /**
   * What a person is typing, in place of the live line; `undefined` where nobody may. With `isTyping` nothing else is
   * written until that is over, so that it stays readable.
   */
  readonly input: (line: string | undefined, isTyping: boolean) => Effect.Effect<void>
  /** While the scope is open, nothing else is written, and who wants to waits. */
  readonly hold: Effect.Effect<void, never, Scope.Scope>
  /** Written straight away, also while the screen is held, by whoever holds it. */
  readonly display: (text: string) => Effect.Effect<void>
}

/**
 * The live line is taken away when the scope closes.
 *
 * @internal
 */
export const make = ({ stderr, stdout }: Stdio, options: { readonly isLive: boolean }): Effect.Effect<
  Screen,
  never,
  Scope.Scope
> =>
  Effect.gen(function*() {
    const lock = yield* Effect.makeSemaphore(1)
    const free = yield* Effect.makeLatch(true)
    const shared = stdout.isTTY && stderr.isTTY
    let held = 0
    let wanted = ""
    let typed: string | undefined
    let isTyping = false
    let drawn = false
    // Whether what stands before the cursor is a line that is not finished.
    let midLine = false

    const raw = (text: string) => Effect.ignore(stderr.write(text))
    const erase = Effect.suspend(() => {
      const erasing = drawn
      drawn = false
      return erasing ? raw("\r\u001b[2K") : Effect.void
    })
    const draw = Effect.suspend(() => {
      const line = typed ?? (options.isLive ? wanted : "")
      if (line === "" || midLine || held > 0) {
        return Effect.void
      }
      drawn = true
      return raw(`\r\u001b[2K${line}`)
    })
    const endLine = Effect.suspend(() => {
      const ending = midLine
      midLine = false
      return ending ? raw("\n") : Effect.void
    })

    const whenFree = <E>(write: Effect.Effect<void, E>): Effect.Effect<void, E> =>
      Effect.zipRight(
        free.await,
        lock.withPermits(1)(Effect.suspend(() => held > 0 || isTyping ? Effect.succeed(false) : Effect.as(write, true)))
      ).pipe(Effect.flatMap((written) => written ? Effect.void : whenFree(write)))

    const between = <E>(write: Effect.Effect<void, E>) => whenFree(Effect.zipRight(erase, Effect.zipLeft(write, draw)))

    yield* Effect.addFinalizer(() => lock.withPermits(1)(Effect.zipRight(erase, endLine)))

    return {
      answer: (text) =>
        text === "" ? Effect.void : between(
          Effect.zipRight(
            Effect.sync(() => {
              if (shared) {
                midLine = !text.endsWith("\n")
              }
            }),
            stdout.write(text)
          )
        ),
      aside: (text) =>
        text === "" ? Effect.void : between(
          Effect.suspend(() => {
            midLine = stderr.isTTY && !text.endsWith("\n")
            return raw(text)
          })
        ),
      note: (lines) => between(Effect.zipRight(endLine, raw(`${lines}\n`))),
      freshLine: between(endLine),
      live: (line) =>
        lock.withPermits(1)(Effect.suspend(() => {
          if (line === wanted) {
            return Effect.void
          }
          wanted = line
          return typed !== undefined || held > 0 ? Effect.void : line === "" ? erase : draw
        })),
      input: (line, typing) =>
        lock.withPermits(1)(Effect.suspend(() => {
          typed = line
          isTyping = typing
          const shown = typing
            ? Effect.zipRight(endLine, draw)
            : line === undefined
            ? Effect.zipRight(erase, draw)
            : draw
          return Effect.zipRight(held > 0 ? Effect.void : shown, typing || held > 0 ? free.close : free.open)
        })),
      hold: Effect.acquireRelease(
        lock.withPermits(1)(Effect.suspend(() => {
          held++
          return Effect.zipRight(free.close, Effect.zipRight(erase, endLine))
        })),
        () =>
          lock.withPermits(1)(Effect.suspend(() => {
            held--
            return held > 0 ? Effect.void : Effect.zipRight(draw, isTyping ? Effect.void : free.open)
          }))
      ).pipe(Effect.asVoid),
      display: (text) => Effect.zipRight(erase, raw(text))
    }
  })
