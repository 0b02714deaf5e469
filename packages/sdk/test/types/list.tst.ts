import type * as Server from "@effect-codex/protocol/Server"
import type { AppServer, CodexError, Thread } from "@effect-codex/sdk"
import type * as Stream from "effect/Stream"
import { describe, expect, test } from "tstyche"

declare const server: AppServer.Service
declare const thread: Thread.Thread

describe("AppServer.list", () => {
  test("the elements are those of the method's pages", () => {
    expect(server.list("thread/list")).type.toBe<Stream.Stream<Server.Thread, CodexError.RequestError>>()
    expect(server.list("thread/loaded/list")).type.toBe<Stream.Stream<string, CodexError.RequestError>>()
    expect(server.list("thread/items/list", { threadId: "id" })).type.toBe<
      Stream.Stream<Server.ThreadItemEntry, CodexError.RequestError>
    >()
    expect(server.list("model/list", { includeHidden: true }, { timeout: "1 second" })).type.toBe<
      Stream.Stream<Server.Model, CodexError.RequestError>
    >()
    expect<AppServer.Element<"mcpServerStatus/list">>().type.toBe<Server.McpServerStatus>()
  })

  test("the methods are those that answer a page at a time", () => {
    expect<AppServer.PagedMethod>().type.toBe<
      | "app/list"
      | "experimentalFeature/list"
      | "mcpServerStatus/list"
      | "model/list"
      | "permissionProfile/list"
      | "plugin/search"
      | "project/list"
      | "remoteControl/client/list"
      | "thread/attachment/list"
      | "thread/attachmentOwner/list"
      | "thread/backgroundTerminals/list"
      | "thread/items/list"
      | "thread/list"
      | "thread/loaded/list"
      | "thread/queue/list"
      | "thread/search"
      | "thread/searchOccurrences"
      | "thread/timeline/list"
      | "thread/turns/list"
      | "threadSection/list"
    >()
  })

  test("what lists without pages, or has a cursor and no list, is refused", () => {
    expect(server.list).type.not.toBeCallableWith("skills/list", {})
    expect(server.list).type.not.toBeCallableWith("collaborationMode/list", {})
    expect(server.list).type.not.toBeCallableWith("modelProvider/list", {})
    expect(server.list).type.not.toBeCallableWith("thread/resume", { threadId: "id" })
    expect(server.list).type.not.toBeCallableWith("thread/read", { threadId: "id" })
    expect(server.list).type.not.toBeCallableWith("thread/unknown", {})
  })

  test("params that are needed cannot be left out, nor be others", () => {
    expect(server.list).type.toBeCallableWith("thread/turns/list", { threadId: "id" })
    expect(server.list).type.toBeCallableWith("thread/items/list", {
      threadId: "id",
      cursor: { type: "item", itemId: "item" }
    })
    expect(server.list).type.not.toBeCallableWith("thread/turns/list")
    expect(server.list).type.not.toBeCallableWith("thread/turns/list", {})
    expect(server.list).type.not.toBeCallableWith("thread/list", { limit: "1" })
    expect(server.list).type.not.toBeCallableWith("thread/list", { more: 1 })
  })

  test("an experimental method needs the experimental API", () => {
    expect(server.list("thread/queue/list", { threadId: "id" })).type.toBe<
      Stream.Stream<Server.QueuedSubmission, CodexError.RequestError, AppServer.ExperimentalApi>
    >()
  })
})

describe("a thread's history", () => {
  test("is listed by turns and by items", () => {
    expect(thread.turns()).type.toBe<
      Stream.Stream<Server.Turn, CodexError.RequestError | CodexError.ThreadNotFound>
    >()
    expect(thread.items({ sortDirection: "desc" })).type.toBe<
      Stream.Stream<Server.ThreadItemEntry, CodexError.RequestError | CodexError.ThreadNotFound>
    >()
    expect(thread.items).type.not.toBeCallableWith({ threadId: "id" })
  })
})
