import { TransportError } from "@effect-codex/sdk/CodexError"
import type { Transport, TransportEnd } from "@effect-codex/sdk/Transport"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import type * as MemoryTransport from "../MemoryTransport.js"
import * as MemoryInbox from "./memoryInbox.js"
import * as Race from "./race.js"

const capacity = 1_000

/** @internal */
export interface Pair {
  readonly transport: Transport["Type"]
  readonly server: MemoryTransport.Server["Type"]
}

/** The app-server skips a line that is no message, without an answer. */
const parse = (frame: string): MemoryTransport.Message | undefined => {
  try {
    const message: unknown = JSON.parse(frame)
    return typeof message === "object" && message !== null ? message : undefined
  } catch {
    return undefined
  }
}

/**
 * Both ends, without a fiber of their own: what one end does happens in the fiber that does it.
 *
 * @internal
 */
export const make: Effect.Effect<Pair> = Effect.sync(() => {
  const attached = Effect.unsafeMakeLatch(false)
  const writable = Effect.unsafeMakeLatch(false)
  const inbox = MemoryInbox.make(capacity, writable.release)
  const ended = Deferred.unsafeMake<TransportEnd>(FiberId.none)
  let over = false
  let paused = false
  let refusing = false
  let kept: Array<ReadonlyArray<string>> = []
  const asked = new Map<string | number, Deferred.Deferred<MemoryTransport.Message>>()
  let lastAsked = 0
  let handler: ((frames: ReadonlyArray<string>) => void) | undefined

  const run: Pair["transport"]["run"] = (onFrames) =>
    Effect.acquireUseRelease(
      Effect.suspend(() => {
        if (handler !== undefined) {
          return Effect.dieMessage("this transport is running already: only one `run` may be active at a time")
        }
        handler = onFrames
        return Effect.void
      }),
      () =>
        Effect.sync(() => {
          const early = kept
          kept = []
          early.forEach(onFrames)
        }).pipe(Effect.zipRight(attached.open), Effect.zipRight(Deferred.await(ended))),
      () =>
        Effect.zipRight(
          attached.close,
          Effect.sync(() => {
            handler = undefined
          })
        )
    )

  const takeIn = (frame: string): void => {
    const message = parse(frame)
    const waiting = message?.method === undefined && message?.id !== undefined ? asked.get(message.id) : undefined
    if (message !== undefined && waiting !== undefined) {
      Deferred.unsafeDone(waiting, Effect.succeed(message))
    } else if (message !== undefined) {
      inbox.offer(message)
    }
  }

  const sendNow = (frame: string): boolean => {
    if (over || refusing || paused || inbox.size() >= capacity) {
      return false
    }
    takeIn(frame)
    return true
  }

  const send: Pair["transport"]["send"] = (frame) =>
    Effect.suspend(() => {
      if (over) {
        return new TransportError({ reason: "Closed", detail: "The in-memory transport has ended." })
      }
      if (refusing) {
        return new TransportError({ reason: "Write", detail: "The in-memory server refuses what is sent." })
      }
      return sendNow(frame) ? Effect.void : Effect.zipRight(writable.await, send(frame))
    })

  const sendFrames: Pair["server"]["sendFrames"] = (frames) =>
    Effect.suspend(() => {
      if (over) {
        return Effect.void
      }
      if (handler !== undefined && kept.length === 0) {
        handler(frames)
        return Effect.void
      }
      if (kept.length < capacity) {
        kept.push(frames)
        return Effect.void
      }
      return Effect.zipRight(attached.await, sendFrames(frames))
    })

  const sendMessage = (message: unknown) => sendFrames([JSON.stringify(message)])

  const request: Pair["server"]["request"] = (id, method, params) => sendMessage({ id, method, params })

  const ask: Pair["server"]["ask"] = (method, params) =>
    Effect.suspend(() => {
      const id = `asked-${++lastAsked}`
      const answer = Deferred.unsafeMake<MemoryTransport.Message>(FiberId.none)
      asked.set(id, answer)
      return request(id, method, params).pipe(
        Effect.zipRight(
          Race.first(Deferred.await(answer), Effect.zipRight(Deferred.await(ended), Effect.interrupt))
        ),
        Effect.ensuring(Effect.sync(() => asked.delete(id)))
      )
    })

  const set = (change: () => void) => Effect.asVoid(Effect.zipRight(Effect.sync(change), writable.release))

  return {
    transport: { run, send, sendNow },
    server: {
      ...inbox.takers,
      notify: (method, params) => sendMessage({ method, params }),
      respond: (id, result) => sendMessage({ id, result }),
      fail: (id, error) => sendMessage({ error, id }),
      request,
      ask,
      send: sendMessage,
      sendFrames,
      end: (end) =>
        Effect.zipRight(
          set(() => {
            over = true
          }),
          Deferred.succeed(ended, end)
        ),
      pause: set(() => {
        paused = true
      }),
      resume: set(() => {
        paused = false
      }),
      failSends: set(() => {
        refusing = true
      })
    }
  }
})
