import type * as Client from "@effect-codex/protocol/Client"
import type * as ClientRequests from "@effect-codex/protocol/ClientRequests"
import type * as Server from "@effect-codex/protocol/Server"
import type * as Schema from "effect/Schema"
import { describe, expect, it } from "tstyche"

declare const item: Server.ThreadItem

describe("unions", () => {
  it("are told apart by their tag", () => {
    if (item.type === "agentMessage") expect(item.text).type.toBe<string>()
    if (item.type === "$unknown") expect(item.raw).type.toBe<unknown>()
  })
})

describe("string enums", () => {
  it("take any string where the server sends them, and only known ones where we do", () => {
    expect<Server.TurnStatus>().type.toBeAssignableFrom<"completed" | "newStatus">()
    expect<Client.SandboxMode>().type.toBe<"read-only" | "workspace-write" | "danger-full-access">()
  })
})

describe("optional members", () => {
  it("may be undefined where we send them only", () => {
    expect<Client.TurnStartParams>().type.toBeAssignableFrom<
      { readonly threadId: string; readonly input: []; readonly model: undefined }
    >()
    expect<Server.McpServerStatusUpdatedNotification>().type.not.toBeAssignableFrom<
      { readonly name: string; readonly status: "ready"; readonly error: undefined }
    >()
  })
})

describe("client requests", () => {
  it("have the params and the result of their method", () => {
    expect<ClientRequests.Params<"turn/start">>().type.toBe<Client.TurnStartParams>()
    expect<ClientRequests.Result<"turn/start">>().type.toBe<Server.TurnStartResponse>()
    expect<ClientRequests.Params<"memory/reset">>().type.toBe<undefined>()
    expect<ClientRequests.Params<"account/usage/read">>().type.toBeAssignableFrom<undefined>()
  })

  it("are stable or experimental", () => {
    expect<ClientRequests.StableMethod>().type.toBeAssignableFrom<"turn/start">()
    expect<ClientRequests.ExperimentalMethod>().type.toBeAssignableFrom<"thread/realtime/start">()
    expect<ClientRequests.StableMethod>().type.not.toBeAssignableFrom<"thread/realtime/start">()
  })

  it("have no schema where they have no params", () => {
    expect<ClientRequests.ClientRequestSpec<"memory/reset">["params"]>().type.toBe<undefined>()
    expect<ClientRequests.ClientRequestSpec<"turn/start">["params"]>().type.toBe<
      Schema.Schema<Client.TurnStartParams>
    >()
  })
})
