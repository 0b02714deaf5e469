import type { Transport } from "@effect-codex/sdk/Transport"
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"

const member = (frame: string, name: "id" | "method"): unknown => JSON.parse(frame)[name]

/**
 * Holds back the answers to one method, and nothing else, until `release`, or until the notification `until` has passed.
 * `held` is done once there is one.
 */
export const holdAnswers = (method: string, until?: string) =>
  Effect.map(Deferred.make<void>(), (held) => {
    const ids = new Set<unknown>()
    const frames: Array<string> = []
    let open = false
    let pass = (_: ReadonlyArray<string>): void => {}

    const letPass = () => {
      open = true
      pass(frames.splice(0))
    }

    const isHeld = (frame: string) => !open && ids.has(member(frame, "id")) && member(frame, "method") === undefined

    const wrap = (inner: Context.Tag.Service<Transport>) =>
      Effect.succeed<Context.Tag.Service<Transport>>({
        run: (onFrames) =>
          Effect.suspend(() => {
            pass = onFrames
            return inner.run((chunk) => {
              const answers = chunk.filter(isHeld)
              frames.push(...answers)
              onFrames(chunk.filter((frame) => !answers.includes(frame)))
              if (answers.length > 0) {
                Deferred.unsafeDone(held, Effect.void)
              }
              if (until !== undefined && chunk.some((frame) => member(frame, "method") === until)) {
                letPass()
              }
            })
          }),
        send: (frame) => {
          if (member(frame, "method") === method) {
            ids.add(member(frame, "id"))
          }
          return inner.send(frame)
        }
      })

    return { wrap, held: Deferred.await(held), release: Effect.sync(letPass) }
  })
