import type * as Server from "@effect-codex/protocol/Server"
import { Approval, type CodexError, Elicitation, ServerRequests, type Thread } from "@effect-codex/sdk"
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import type * as Terminal from "@effect/platform/Terminal"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import { describe, expect, test } from "tstyche"

class A extends Context.Tag("A")<A, Approval.Decline>() {}
class B extends Context.Tag("B")<B, Approval.FileChangeDecision>() {}

declare const thread: Thread.Thread
declare const open: ServerRequests.Open
declare const handlersWithA: ServerRequests.Handlers<A>

describe("ServerRequests", () => {
  test("a Layer of handlers needs what they need, and fails with nothing", () => {
    expect(ServerRequests.layer({})).type.toBe<Layer.Layer<ServerRequests.ServerRequests>>()
    expect(ServerRequests.layer({
      commandApproval: () => A,
      fileChangeApproval: () => Effect.fail("no")
    })).type.toBe<Layer.Layer<ServerRequests.ServerRequests, never, A>>()
    expect(ServerRequests.layer({ commandApproval: () => A, fileChangeApproval: () => B })).type.toBe<
      Layer.Layer<ServerRequests.ServerRequests, never, A | B>
    >()
    expect(ServerRequests.layer(handlersWithA)).type.toBe<Layer.Layer<ServerRequests.ServerRequests, never, A>>()
  })

  test("a handler is given the question of its kind", () => {
    ServerRequests.layer({
      commandApproval: (question) => {
        expect(question).type.toBe<ServerRequests.CommandApproval>()
        expect(question.requestId).type.toBe<string | number>()
        expect(question.decisions).type.toBe<ReadonlyArray<Approval.CommandDecision>>()
        return Effect.succeed(Approval.accept)
      },
      fileChangeApproval: ({ changes }) => {
        expect(changes).type.toBe<ReadonlyArray<Server.FileUpdateChange> | undefined>()
        return Effect.succeed(Approval.accept)
      }
    })
  })

  test("a handler answers by its kind, and no other way", () => {
    expect(ServerRequests.layer).type.toBeCallableWith({
      commandApproval: () => Effect.succeed(Approval.acceptWithExecPolicyAmendment(["ls"]))
    })
    expect(ServerRequests.layer).type.not.toBeCallableWith({
      fileChangeApproval: () => Effect.succeed(Approval.acceptWithExecPolicyAmendment(["ls"]))
    })
    expect(ServerRequests.layer).type.not.toBeCallableWith({
      commandApproval: () => Effect.succeed(Approval.grant({ network: { enabled: true } }))
    })
    expect(ServerRequests.layer).type.not.toBeCallableWith({
      permissionsApproval: () => Effect.succeed(Approval.cancel)
    })
    expect(ServerRequests.layer).type.not.toBeCallableWith({ commandApproval: () => Effect.succeed("accept") })
    expect(ServerRequests.layer).type.not.toBeCallableWith({ elicitation: () => Effect.succeed(Approval.accept) })
    expect(ServerRequests.layer).type.not.toBeCallableWith({ commandApprovals: () => Effect.succeed(Approval.accept) })
  })

  test("two sets of handlers as one need what both need", () => {
    expect(ServerRequests.orElse({ commandApproval: () => A }, { fileChangeApproval: () => B })).type.toBe<
      ServerRequests.Handlers<A | B>
    >()
    expect(
      ServerRequests.orElse({ commandApproval: () => ServerRequests.pass })({ userInput: () => Effect.succeed({}) })
    )
      .type.toBe<ServerRequests.Handlers>()
  })

  test("the ready-made ones say what they need and may fail with", () => {
    expect(ServerRequests.pass).type.toBe<Effect.Effect<never, CodexError.Passed>>()
    expect(ServerRequests.layer(ServerRequests.declineAll)).type.toBe<Layer.Layer<ServerRequests.ServerRequests>>()
    expect(ServerRequests.layer(ServerRequests.acceptReads)).type.toBe<Layer.Layer<ServerRequests.ServerRequests>>()
    expect(ServerRequests.layer(ServerRequests.acceptWithin("/srv"))).type.toBe<
      Layer.Layer<ServerRequests.ServerRequests, never, FileSystem.FileSystem | Path.Path>
    >()
    expect(ServerRequests.layer(ServerRequests.askOnTerminal)).type.toBe<
      Layer.Layer<ServerRequests.ServerRequests, never, Terminal.Terminal>
    >()
    expect(ServerRequests.layer({ ...ServerRequests.declineAll, ...ServerRequests.acceptReads })).type.toBe<
      Layer.Layer<ServerRequests.ServerRequests>
    >()
    expect<ReturnType<typeof ServerRequests.askOnTerminal.userInput>>().type.toBe<
      Effect.Effect<ServerRequests.UserInputAnswer, PlatformError | CodexError.Passed, Terminal.Terminal>
    >()
  })

  test("the default has no handlers and needs nothing", () => {
    expect(ServerRequests.ServerRequests).type.toBeAssignableTo<Effect.Effect<ServerRequests.Handlers>>()
  })
})

describe("Thread.approvals", () => {
  test("are the questions that a person answers, each with an answer of its kind", () => {
    expect(thread.approvals).type.toBe<Stream.Stream<ServerRequests.Open, CodexError.EventsError>>()
    expect(open._tag).type.toBe<
      | "CommandApproval"
      | "FileChangeApproval"
      | "PermissionsApproval"
      | "UserInput"
      | "Elicitation"
      | "LegacyCommandApproval"
      | "LegacyPatchApproval"
    >()
    if (open._tag === "FileChangeApproval") {
      expect(open.answer(Approval.accept)).type.toBe<Effect.Effect<void, CodexError.AnswerRefused>>()
      expect(open.answer).type.not.toBeCallableWith(Approval.acceptWithExecPolicyAmendment(["ls"]))
      expect(open.closed).type.toBe<Effect.Effect<void>>()
    }
    if (open._tag === "Elicitation") {
      expect(open.answer).type.toBeCallableWith(Elicitation.accept({ name: "Ada" }))
      expect(open.answer).type.not.toBeCallableWith(Approval.accept)
    }
  })
})

describe("Elicitation", () => {
  test("takes a value of a Schema whose encoded side has fields", () => {
    const Booking = Schema.Struct({ day: Schema.Date, guests: Schema.NumberFromString })
    expect(Elicitation.acceptAs(Booking, { day: new Date(), guests: 2 })).type.toBe<
      Effect.Effect<Elicitation.Accept, ParseResult.ParseError>
    >()
    expect(Elicitation.acceptAs).type.not.toBeCallableWith(Booking, { day: "today", guests: 2 })
    expect(Elicitation.acceptAs).type.not.toBeCallableWith(Schema.NumberFromString, 2)
  })
})
