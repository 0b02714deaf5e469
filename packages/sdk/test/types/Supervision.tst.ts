import { Codex, CodexPool, Supervision } from "@effect-codex/sdk"
import type { AppServer, CodexError, Thread, Transport, TurnEvent } from "@effect-codex/sdk"
import type { Layer, Stream } from "effect"
import type { Effect } from "effect"
import { describe, expect, it } from "tstyche"

declare const transport: Layer.Layer<Transport.Transport, CodexError.TransportError, "needs">
declare const thread: Thread.Thread

describe("a supervised Layer", () => {
  it("provides the services and its state, and fails as its transport and its handshake do", () => {
    expect(Codex.layerSupervised(transport)).type.toBe<
      Layer.Layer<
        Codex.Codex | AppServer.AppServer | Supervision.Supervision,
        CodexError.TransportError | CodexError.HandshakeError,
        "needs"
      >
    >()
  })

  it("provides ExperimentalApi only where it was asked for", () => {
    expect<Layer.Layer.Success<ReturnType<typeof AppServer.layerSupervisedExperimental>>>().type.toBe<
      AppServer.AppServer | Supervision.Supervision | AppServer.ExperimentalApi
    >()
  })
})

describe("Supervision.acrossRestarts", () => {
  it("takes streams of events, on a supervised Layer", () => {
    expect(Supervision.acrossRestarts(thread.events)).type.toBe<
      Stream.Stream<TurnEvent.ThreadEvent, CodexError.EventsError, Supervision.Supervision>
    >()
  })

  it("does not take a turn, which would be run again", () => {
    expect(Supervision.acrossRestarts).type.not.toBeCallableWith(thread.stream("hi"))
  })
})

describe("CodexPool", () => {
  it("needs what its Layers need", () => {
    expect(CodexPool.make({
      lookup: (_: number) => Codex.layerSupervised(transport),
      idleTimeToLive: "1 minute"
    })).type.toBeAssignableTo<Effect.Effect<CodexPool.Service<number, unknown>, never, unknown>>()
  })
})
