import type { CodexError, TurnEvent, TurnResult } from "@effect-codex/promise"
import {
  type Approval,
  Codex,
  type Handler,
  tool,
  TurnFailed,
  TurnInterrupted,
  withJsonSchema
} from "@effect-codex/promise"
import type * as Server from "@effect-codex/protocol/Server"
import { type } from "arktype"
import * as Schema from "effect/Schema"
import { describe, expect, test } from "tstyche"
import * as v from "valibot"
import { z } from "zod"

declare const codex: Codex
declare const thread: Awaited<ReturnType<Codex["startThread"]>>

describe("results", () => {
  test("are promises and async iterables of plain data", () => {
    expect(Codex.start()).type.toBe<Promise<Codex>>()
    expect(thread.run("hello", { signal: AbortSignal.timeout(1), maxDurationMs: 1 })).type.toBe<Promise<TurnResult>>()
    expect(codex.request("thread/read", { threadId: "1" })).type.toBe<Promise<Server.ThreadReadResponse>>()
    expect(codex.request).type.not.toBeCallableWith("thread/read", {})
    expect(codex.request).type.not.toBeCallableWith("thread/red", { threadId: "1" })
  })

  test("have events that are told apart by their tag", async () => {
    for await (const event of thread.stream("hello")) {
      expect(event).type.toBe<TurnEvent>()
      if (event._tag === "ItemAgentMessageDelta") {
        expect(event.delta).type.toBe<string>()
      }
      if (event._tag === "Undecodable") {
        expect(event.issue).type.toBe<string>()
      }
    }
  })
})

describe("structured output", () => {
  test("has the type of the schema's output, whatever its library", async () => {
    const zod = z.object({ n: z.string().transform(Number), o: z.int().optional() })
    expect((await thread.runAs(zod, "")).value).type.toBe<{ n: number; o?: number | undefined }>()
    const arktype = type({ n: "number", "o?": "'a' | 'b'" })
    expect((await thread.runAs(arktype, "")).value).type.toBe<{ n: number; o?: "a" | "b" }>()
    const valibot = withJsonSchema(v.object({ n: v.number() }), { type: "object" })
    expect((await thread.runAs(valibot, "")).value).type.toBe<{ n: number }>()
    const effect = Schema.standardSchemaV1(Schema.Struct({ day: Schema.Date }))
    expect((await thread.runAs(effect, "")).value).type.toBe<{ readonly day: Date }>()
    expect(thread.runAs).type.not.toBeCallableWith({ type: "object" }, "")
  })
})

describe("tools and handlers", () => {
  test("get what they were declared for", () => {
    tool({
      name: "a",
      description: "a",
      parameters: z.object({ id: z.int() }),
      run: (input, context) => {
        expect(input).type.toBe<{ id: number }>()
        expect(context.signal).type.toBe<AbortSignal>()
      }
    })
    tool({
      name: "a",
      description: "a",
      parameters: { type: "object" },
      run: (input) => expect(input).type.toBe<{ readonly [name: string]: unknown }>()
    })
    expect<Handler<"commandApproval">>().type.toBeAssignableFrom(async () => ({ _tag: "Accept" }) as Approval.Accept)
    expect<Handler<"tokenRefresh">>().type.toBeAssignableFrom(() => ({ accessToken: "secret", accountId: "1" }))
    expect<Handler<"fileChangeApproval">>().type.not.toBeAssignableFrom(async () => true)
  })
})

describe("errors", () => {
  test("are told apart by their class", () => {
    const error: unknown = undefined
    if (error instanceof TurnInterrupted || error instanceof TurnFailed) {
      expect(error.partial).type.toBe<TurnResult>()
      expect(error).type.toBeAssignableTo<CodexError>()
      expect(error).type.toBeAssignableTo<Error>()
    }
  })
})
