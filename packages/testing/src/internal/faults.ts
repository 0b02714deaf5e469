import type { Transport } from "@effect-codex/sdk/Transport"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"
import type * as Faults from "../Faults.js"
import * as Frame from "./faultsFrame.js"
import * as Incoming from "./faultsIncoming.js"
import type { After } from "./faultsLanes.js"
import * as Link from "./faultsLink.js"
import * as Outgoing from "./faultsOutgoing.js"
import * as Passage from "./faultsPassage.js"
import * as Trigger from "./faultsTrigger.js"
import * as Race from "./race.js"

const keptStrikes = 1_000

/** @internal */
export const delay = (duration: Duration.DurationInput): Faults.Action => ({
  _tag: "Delay",
  duration: Duration.decode(duration)
})

/** @internal */
export const reorder = ({ behind = 1, within = "100 millis" }: {
  readonly behind?: number | undefined
  readonly within?: Duration.DurationInput | undefined
} = {}): Faults.Action => ({ _tag: "Reorder", behind, within: Duration.decode(within) })

interface Struck {
  readonly passage: Passage.Passage
  /** Does to the connection what the faults that struck do to it. */
  readonly meet: () => void
}

/** @internal */
export const make = Effect.fnUntraced(function*(
  inner: Transport["Type"],
  faults: ReadonlyArray<Faults.Fault>
): Effect.fn.Return<
  { readonly transport: Transport["Type"]; readonly strikes: Effect.Effect<ReadonlyArray<Faults.Strike>> },
  never,
  Scope.Scope
> {
  if (faults.length === 0) {
    return { transport: inner, strikes: Effect.succeed([]) }
  }
  const fork = yield* FiberSet.makeRuntime<never>()
  const read = Frame.makeReader()
  const armed = faults.map((fault) => ({ ...fault, hits: Trigger.arm(fault.trigger) }))
  const strikes: Array<Faults.Strike> = []
  const link = Link.make(() => incoming.letGo())

  const after: After = (duration, then) => {
    const fiber = fork(
      Effect.sleep(duration).pipe(
        Effect.zipRight(Effect.sync(then)),
        Effect.catchAllDefect((defect) => Deferred.die(link.ended, defect))
      )
    )
    return () => fiber.unsafeInterruptAsFork(FiberId.none)
  }

  const incoming = Incoming.make(after)
  const outgoing = Outgoing.make(inner.send, after)

  const record = ({ direction, index, kind, method }: Faults.Frame, fault: number, action: Faults.Action) => {
    strikes.push({ fault, action: action._tag, direction, index, kind, method })
    if (strikes.length > keptStrikes) {
      strikes.shift()
    }
  }

  const strike = (frame: Faults.Frame): Struck => {
    let passage = Passage.make(frame)
    const ofConnection: Array<() => void> = []
    armed.forEach(({ action, direction, hits }, fault) => {
      if (direction !== frame.direction || !hits(frame)) {
        return
      }
      if (!Passage.isFrameAction(action)) {
        ofConnection.push(() => {
          record(frame, fault, action)
          link.meet(action, frame)
        })
      } else if (!Passage.isLost(passage)) {
        record(frame, fault, action)
        passage = Passage.alter(passage, action)
      }
    })
    return { passage, meet: () => ofConnection.forEach((meet) => meet()) }
  }

  const onFrames: Incoming.OnFrames = (texts) => {
    for (const text of texts) {
      if (link.isOver()) {
        return
      }
      const frame = read("incoming", text)
      const { meet, passage } = strike(frame)
      meet()
      if (!link.isOver() && link.says(frame.kind) && Passage.lines(passage).length > 0) {
        incoming.offer(passage)
      }
    }
    incoming.flush()
  }

  const refused = Effect.suspend(() => link.refusal() ?? Effect.void)

  const enter = (text: string): Outgoing.Place => {
    if (link.refusal() !== undefined) {
      return { write: refused, leave: Effect.void }
    }
    const { meet, passage } = strike(read("outgoing", text))
    // What concerns the connection happens when everything before has been written.
    return outgoing.enter(
      passage,
      Effect.sync(meet).pipe(
        Effect.zipRight(refused),
        Effect.zipRight(Effect.suspend(() => link.isRead() ? Effect.void : Effect.never))
      )
    )
  }

  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      incoming.letGo()
      link.refuse("The Layer of the faults is closed.")
    })
  )

  return {
    strikes: Effect.sync(() => strikes.slice()),
    transport: {
      run: (handler) =>
        Effect.acquireUseRelease(
          Effect.suspend(() => {
            if (incoming.isAttached()) {
              return Effect.dieMessage("Only one Transport.run may be active at a time")
            }
            incoming.attach(handler)
            return Effect.void
          }),
          () =>
            Effect.suspend(() => {
              incoming.flush()
              const ended = Deferred.await(link.ended)
              return Race.first(
                Effect.zipRight(
                  Effect.map(inner.run(onFrames), (end) => link.end(end, `The transport has ended: ${end.reason}.`)),
                  ended
                ),
                ended
              )
            }),
          () => Effect.sync(incoming.detach)
        ),
      send: (frame) =>
        Effect.acquireUseRelease(
          Effect.sync(() => enter(frame)),
          ({ write }) => Race.first(write, Deferred.await(link.unwritable)),
          ({ leave }) => leave
        ),
      conceal: inner.conceal
    }
  }
})
