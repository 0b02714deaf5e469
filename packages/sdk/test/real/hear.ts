import type { Thread } from "@effect-codex/sdk/Thread"
import type { ThreadEvent } from "@effect-codex/sdk/TurnEvent"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"

type Tagged<Tag> = Extract<ThreadEvent, { readonly _tag: Tag }>

/** Does something, and succeeds with its outcome and the first event of that tag that the thread tells from then on. */
export const hear = <Tag extends ThreadEvent["_tag"], A, E, R>(
  thread: Thread,
  tag: Tag,
  self: Effect.Effect<A, E, R>
) =>
  Effect.gen(function*() {
    const hearing = yield* thread.events.pipe(
      Stream.filter((event): event is Tagged<Tag> => event._tag === tag),
      Stream.runHead,
      Effect.flatten,
      Effect.fork
    )
    yield* Effect.yieldNow()
    const outcome = yield* self
    return [outcome, yield* Fiber.join(hearing)] as const
  })
