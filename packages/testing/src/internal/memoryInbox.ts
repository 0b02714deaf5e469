import type { ClientRequests } from "@effect-codex/protocol/ClientRequests"
import * as Effect from "effect/Effect"
import type * as MemoryTransport from "../MemoryTransport.js"

/**
 * What the client has sent and nobody has taken: the latest `capacity` messages.
 *
 * @internal
 */
export interface Inbox {
  readonly offer: (message: MemoryTransport.Message) => void
  readonly size: () => number
  readonly takers: Pick<MemoryTransport.Server["Type"], "take" | "takeRequest" | "takeAll">
}

/**
 * `onTaken` runs after messages were taken.
 *
 * @internal
 */
export const make = (capacity: number, onTaken: Effect.Effect<unknown> = Effect.void): Inbox => {
  const messages: Array<MemoryTransport.Message> = []
  const arrived = Effect.unsafeMakeLatch(false)

  const take: Inbox["takers"]["take"] = Effect.suspend(() => {
    const message = messages.shift()
    return message === undefined ? Effect.zipRight(arrived.await, take) : Effect.as(onTaken, message)
  })

  const takeRequest = <M extends keyof ClientRequests>(method: M): Effect.Effect<MemoryTransport.Request<M>> =>
    Effect.flatMap(take, ({ id, method: sent, params }) =>
      sent === method && typeof id === "number"
        // The client checks params by the method's own schema before it sends them.
        ? Effect.succeed({ id, method, params: params as ClientRequests[M]["params"] })
        : takeRequest(method))

  return {
    offer: (message) => {
      messages.push(message)
      if (messages.length > capacity) {
        messages.shift()
      }
      arrived.unsafeOpen()
      arrived.unsafeClose()
    },
    size: () => messages.length,
    takers: {
      take,
      takeRequest,
      takeAll: Effect.suspend(() => Effect.as(onTaken, messages.splice(0)))
    }
  }
}
