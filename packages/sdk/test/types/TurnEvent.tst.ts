import type * as Client from "@effect-codex/protocol/Client"
import type * as Server from "@effect-codex/protocol/Server"
import type { CodexError, TurnEvent } from "@effect-codex/sdk"
import * as Effect from "effect/Effect"
import type * as ParseResult from "effect/ParseResult"
import { describe, expect, test } from "tstyche"

declare const event: TurnEvent.TurnEvent
declare const item: Server.ThreadItem

describe("TurnEvent", () => {
  test("narrows by its tag", () => {
    if (event._tag === "ItemAgentMessageDelta") {
      expect(event.delta).type.toBe<string>()
      expect(event.itemId).type.toBe<string>()
      expect(event.turnId).type.toBe<string>()
    }
    if (event._tag === "TurnCompleted") {
      expect(event.turn).type.toBe<Server.Turn>()
    }
    if (event._tag === "ItemCompleted") {
      expect(event.item).type.toBe<Server.ThreadItem>()
    }
  })

  test("an item narrows by its type", () => {
    if (event._tag === "ItemCompleted" && event.item.type === "agentMessage") {
      expect(event.item.text).type.toBe<string>()
    }
    if (item.type === "commandExecution") {
      expect(item.command).type.toBe<string>()
    }
    if (item.type === "$unknown") {
      expect(item.raw).type.toBe<unknown>()
    }
  })

  test("the tag is made of the method", () => {
    expect<TurnEvent.Tag<"turn/completed">>().type.toBe<"TurnCompleted">()
    expect<TurnEvent.Tag<"item/agentMessage/delta">>().type.toBe<"ItemAgentMessageDelta">()
    expect<TurnEvent.Tag<"configWarning">>().type.toBe<"ConfigWarning">()
    expect<TurnEvent.Of<"turn/completed">["_tag"]>().type.toBe<"TurnCompleted">()
  })

  test("what is not known is delivered as it came", () => {
    if (event._tag === "Unknown") {
      expect(event).type.toBe<TurnEvent.Unknown>()
    }
    if (event._tag === "Undecodable") {
      expect(event.issue).type.toBe<ParseResult.ParseError>()
    }
  })

  test("each stream carries the events of its scope", () => {
    expect<TurnEvent.TurnEvent>().type.toBeAssignableTo<TurnEvent.ThreadEvent>()
    expect<TurnEvent.ThreadEvent>().type.toBeAssignableTo<TurnEvent.ServerEvent>()
    expect<TurnEvent.ConnectionEvent>().type.toBeAssignableTo<TurnEvent.ServerEvent>()
    expect<TurnEvent.Of<"thread/name/updated">>().type.toBeAssignableTo<TurnEvent.ThreadEvent>()
    expect<TurnEvent.Of<"thread/name/updated">>().type.not.toBeAssignableTo<TurnEvent.TurnEvent>()
    expect<TurnEvent.Of<"turn/completed">>().type.not.toBeAssignableTo<TurnEvent.ConnectionEvent>()
  })
})

describe("the wire's enums", () => {
  test("stay open in what the server says", () => {
    expect<"paused">().type.toBeAssignableTo<Server.TurnStatus>()
    expect<Server.TurnStatus>().type.toBeAssignableFrom<"completed">()
  })

  test("are closed in what is sent", () => {
    expect<"on-request">().type.toBeAssignableTo<Client.AskForApproval>()
    expect<"sometimes">().type.not.toBeAssignableTo<Client.AskForApproval>()
    expect<"read-only">().type.toBeAssignableTo<Client.SandboxMode>()
    expect<"none">().type.not.toBeAssignableTo<Client.SandboxMode>()
  })
})

describe("CodexError", () => {
  test("each union lists its own", () => {
    expect<CodexError.RequestError["_tag"]>().type.toBe<
      | "ConnectionClosed"
      | "RequestFailed"
      | "RequestTimeout"
      | "TooManyRequests"
      | "InvalidParams"
      | "ExperimentalApiRequired"
      | "UnsupportedByServer"
      | "UndecodableResult"
    >()
    expect<CodexError.HandshakeError["_tag"]>().type.toBe<
      "ConnectionClosed" | "RequestFailed" | "RequestTimeout" | "UndecodableResult"
    >()
    expect<CodexError.TurnError["_tag"]>().type.toBe<
      "TurnFailed" | "TurnInterrupted" | "TurnStalled" | "ConnectionClosed"
    >()
    expect<CodexError.RequestError | CodexError.TurnError>().type.toBeAssignableTo<CodexError.CodexError>()
  })

  test("is caught by its tag, and gone from the type", () => {
    const failing = Effect.fail<CodexError.TurnError>({} as CodexError.TurnError)
    expect(Effect.catchTag(failing, "TurnFailed", (error) => Effect.succeed(error.error.message))).type.toBe<
      Effect.Effect<string, CodexError.TurnInterrupted | CodexError.TurnStalled | CodexError.ConnectionClosed>
    >()
  })
})
