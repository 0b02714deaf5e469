import { TransportError } from "@effect-codex/sdk/CodexError"
import { end as transportEnd, type Transport, type TransportEnd } from "@effect-codex/sdk/Transport"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Transcript from "../../Transcript.js"
import * as Race from "../race.js"
import { describe } from "./difference.js"
import { TranscriptEnded, type TranscriptMismatch, TranscriptUnfinished } from "./errors.js"
import * as Script from "./script.js"

/** @internal */
export const make = (
  transcript: Transcript.Transcript,
  options: Transcript.ReplayOptions
): Effect.Effect<
  { readonly transport: Transport["Type"]; readonly replay: Transcript.Replay["Type"] },
  never,
  Scope.Scope
> =>
  Effect.gen(function*() {
    const { frames, path } = transcript
    const script = Script.make(transcript, options)
    const ended = Deferred.unsafeMake<TransportEnd>(FiberId.none)
    /** Open while something can be delivered. */
    const work = yield* Effect.makeLatch(false)
    /** Open while nothing can. */
    const idle = yield* Effect.makeLatch(true)
    let next = 0
    let lastMs = 0
    let running = false
    let over = false
    let mismatch: TranscriptMismatch | undefined

    /** Steps over what was sent, up to what was said then. */
    const due = (): Transcript.Frame | undefined => {
      for (; next < frames.length; next++) {
        const frame = frames[next]
        if (frame === undefined || frame.direction === "in" || !script.isSent(frame)) {
          return frame
        }
        lastMs = frame.ms
      }
      return undefined
    }

    const endTransport = (end: TransportEnd): void => {
      over = true
      Deferred.unsafeDone(ended, Effect.succeed(end))
    }

    /** The end that comes after the last frame, where one does. */
    const lastEnd = (): TransportEnd | undefined => {
      const { end, lines } = transcript
      if (end === undefined || end.reason === "Stopped") {
        const detail = end === undefined
          ? "its recording was cut off there"
          : `its recording was stopped: ${end.detail}`
        return transportEnd("Failed", { cause: new TranscriptEnded({ path, line: lines, detail }) })
      }
      return end.reason === "LayerClosed" ? undefined : end
    }

    const deliverable = (): boolean => {
      const frame = due()
      return !over && (frame === undefined ? lastEnd() !== undefined : frame.direction === "in")
    }

    const pause = ({ ms }: Transcript.Frame): Effect.Effect<void> => {
      const millis = ms - lastMs
      lastMs = ms
      return options.pace === "recorded" && millis > 0 ? Effect.sleep(millis) : Effect.void
    }

    const deliverAll = (onFrames: (frames: ReadonlyArray<string>) => void): Effect.Effect<never> =>
      Effect.suspend(() => {
        const frame = due()
        if (!deliverable()) {
          return work.close.pipe(
            Effect.zipRight(idle.open),
            Effect.zipRight(work.await),
            Effect.zipRight(deliverAll(onFrames))
          )
        }
        if (frame === undefined) {
          const end = lastEnd()
          if (end !== undefined) {
            endTransport(end)
          }
          return Effect.zipRight(idle.open, Effect.never)
        }
        return Effect.zipRight(
          pause(frame),
          Effect.suspend(() => {
            next++
            onFrames([script.incoming(frame)])
            // Those who read have their turn between two frames, as they had it when these came one by one.
            return Effect.zipRight(Effect.yieldNow(), deliverAll(onFrames))
          })
        )
      })

    const closed = () => new TransportError({ reason: "Closed", detail: `The replay of ${path} has ended.` })

    const send = (text: string): Effect.Effect<void, TransportError> =>
      Effect.suspend(() => {
        if (over) {
          return closed()
        }
        mismatch = script.outgoing(text)
        if (mismatch !== undefined) {
          endTransport(transportEnd("Failed", { cause: mismatch }))
          return Effect.zipRight(idle.open, closed())
        }
        return running && deliverable() ? Effect.zipRight(idle.close, work.open) : Effect.void
      })

    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        const awaited = over ? undefined : due()
        over = true
        return awaited?.direction === "out" && frames.slice(next).some(({ direction }) => direction === "in")
          ? Effect.logWarning(
            `the replay of ${path} was closed while it waited for line ${awaited.line}: ${describe(awaited.frame)}`
          )
          : Effect.void
      })
    )

    const unused = () => frames.filter((frame) => frame.direction === "out" && !script.isSent(frame))

    return {
      replay: {
        finished: Effect.zipRight(
          idle.await,
          Effect.suspend((): Effect.Effect<void, TranscriptMismatch | TranscriptUnfinished> => {
            const left = unused()
            return mismatch !== undefined
              ? Effect.fail(mismatch)
              : left.length > 0
              ? new TranscriptUnfinished({ path, unused: left.map(({ frame, line }) => ({ frame, line })) })
              : Effect.void
          })
        ),
        unused: Effect.sync(unused),
        mismatch: Effect.sync(() => Option.fromNullable(mismatch))
      },
      transport: {
        run: (onFrames) =>
          Effect.acquireUseRelease(
            Effect.suspend(() => {
              if (running) {
                return Effect.dieMessage("Only one Transport.run may be active at a time")
              }
              running = true
              return deliverable() ? idle.close : Effect.void
            }),
            () => Race.first(Deferred.await(ended), deliverAll(onFrames)),
            () =>
              Effect.zipRight(
                idle.open,
                Effect.sync(() => {
                  running = false
                })
              )
          ),
        send,
        conceal: script.conceal
      }
    }
  })
