import { ClientNotifications } from "@effect-codex/protocol/ClientNotifications"
import { ClientRequests } from "@effect-codex/protocol/ClientRequests"
import { COMPARED_VERSIONS, PROTOCOL_VERSION } from "@effect-codex/protocol/ProtocolVersion"
import { ServerNotifications } from "@effect-codex/protocol/ServerNotifications"
import { ServerRequests } from "@effect-codex/protocol/ServerRequests"
import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { pinnedVersion } from "../scripts/binary.js"
import { experimental, stable } from "./support/protocol.js"

const namesOf = (methods: ReadonlyArray<{ readonly name: string }>) => methods.map(({ name }) => name).sort()

const schemasOf = (spec: object): ReadonlyArray<Schema.Schema<unknown>> =>
  Object.values(spec).filter((value): value is Schema.Schema<unknown> => Schema.isSchema(value))

const stableIn = (table: Readonly<Record<string, { readonly stability: string }>>) =>
  Object.entries(table).filter(([, spec]) => spec.stability === "stable").map(([name]) => name).sort()

describe("the method tables", () => {
  it("are those of the pinned codex", () => {
    assert.strictEqual(PROTOCOL_VERSION, pinnedVersion())
    assert.deepStrictEqual(Object.keys(ClientRequests).sort(), namesOf(experimental.clientRequests))
    assert.deepStrictEqual(Object.keys(ServerNotifications).sort(), namesOf(experimental.serverNotifications))
    assert.deepStrictEqual(Object.keys(ServerRequests).sort(), namesOf(experimental.serverRequests))
    assert.deepStrictEqual(Object.keys(ClientNotifications), ["initialized"])
  })

  it("of codex 0.169.0 have 184 requests, 86 notifications and 11 server requests", () => {
    assert.strictEqual(PROTOCOL_VERSION, "0.169.0")
    assert.strictEqual(Object.keys(ClientRequests).length, 184)
    assert.strictEqual(Object.keys(ServerNotifications).length, 86)
    assert.strictEqual(Object.keys(ServerRequests).length, 11)
    assert.strictEqual(Object.keys(ClientNotifications).length, 1)
  })

  it("call stable what codex describes without its experimental part", () => {
    assert.strictEqual(stableIn(ClientRequests).length, 109)
    assert.deepStrictEqual(stableIn(ClientRequests), namesOf(stable.clientRequests))
    assert.deepStrictEqual(stableIn(ServerRequests), namesOf(stable.serverRequests))
    assert.deepStrictEqual(stableIn(ServerNotifications), namesOf(stable.serverNotifications))
  })

  it("have schemas that build, each entry under its own method", () => {
    for (const table of [ClientRequests, ServerRequests, ServerNotifications]) {
      for (const [method, spec] of Object.entries(table)) {
        assert.strictEqual(spec.method, method)
        for (const schema of schemasOf(spec)) {
          assert.isTrue(Either.isLeft(Schema.decodeUnknownEither(schema)(0)), method)
        }
      }
    }
  })
})

describe("client requests", () => {
  it("say which params may be left out", () => {
    assert.isUndefined(ClientRequests["memory/reset"].params)
    assert.isTrue(ClientRequests["memory/reset"].paramsOptional)
    assert.isDefined(ClientRequests["account/rateLimits/read"].params)
    assert.isTrue(ClientRequests["account/rateLimits/read"].paramsOptional)
    assert.isFalse(ClientRequests["thread/start"].paramsOptional)
  })

  it("name the experimental members of stable params", () => {
    assert.include(ClientRequests["thread/start"].experimentalFields, "dynamicTools")
    assert.notInclude(ClientRequests["thread/start"].experimentalFields, "cwd")
    assert.deepStrictEqual(ClientRequests["thread/items/list"].experimentalFields, [
      "deferOutput.commandExecution",
      "deferOutput.mcpToolCall"
    ])
    assert.deepStrictEqual(ClientRequests["turn/interrupt"].experimentalFields, [])
  })

  it("say which methods only read", () => {
    for (const method of ["thread/read", "model/list", "fs/getMetadata", "account/read", "config/read"] as const) {
      assert.isTrue(ClientRequests[method].reads, method)
    }
    for (
      const method of ["turn/start", "turn/steer", "thread/resume", "thread/readState/update", "initialize"] as const
    ) {
      assert.isFalse(ClientRequests[method].reads, method)
    }
  })
})

describe("client requests, by release", () => {
  it("say with which of the compared ones each came", () => {
    assert.strictEqual(COMPARED_VERSIONS.at(-1), PROTOCOL_VERSION)
    const first = {
      "thread/start": "0.130.0",
      "thread/delete": "0.142.5",
      "thread/revert": "0.150.0",
      // 0.150.0 describes it, and answers that it is not supported yet.
      "thread/items/list": "0.160.1",
      "thread/memory/read": "0.169.0"
    } as const
    for (const method of Object.keys(first) as ReadonlyArray<keyof typeof first>) {
      assert.strictEqual(ClientRequests[method].since, first[method], method)
    }
    for (const { method, since } of Object.values(ClientRequests)) {
      assert.include(COMPARED_VERSIONS, since, method)
    }
  })
})

describe("server notifications", () => {
  it("of a turn say where its id and its thread's stand", () => {
    for (const method of ["turn/started", "turn/completed"] as const) {
      assert.strictEqual(ServerNotifications[method].scope, "turn")
      assert.deepStrictEqual(ServerNotifications[method].turnId, ["turn", "id"])
      assert.deepStrictEqual(ServerNotifications[method].threadId, ["threadId"])
    }
    for (const method of ["item/completed", "error", "hook/started", "thread/tokenUsage/updated"] as const) {
      assert.strictEqual(ServerNotifications[method].scope, "turn")
      assert.deepStrictEqual(ServerNotifications[method].turnId, ["turnId"])
    }
  })

  it("of a thread say where its id stands", () => {
    assert.deepStrictEqual(ServerNotifications["thread/started"].threadId, ["thread", "id"])
    for (
      const method of ["thread/status/changed", "thread/name/updated", "warning", "serverRequest/resolved"] as const
    ) {
      assert.strictEqual(ServerNotifications[method].scope, "thread")
      assert.deepStrictEqual(ServerNotifications[method].threadId, ["threadId"])
      assert.isUndefined(ServerNotifications[method].turnId)
    }
  })

  it("of an operation say where its id stands", () => {
    const ids = {
      "account/login/completed": "loginId",
      "command/exec/outputDelta": "processId",
      "process/exited": "processHandle",
      "fs/changed": "watchId",
      "fuzzyFileSearch/sessionUpdated": "sessionId"
    } as const
    for (const method of Object.keys(ids) as ReadonlyArray<keyof typeof ids>) {
      assert.strictEqual(ServerNotifications[method].scope, "operation")
      assert.deepStrictEqual(ServerNotifications[method].operationId, [ids[method]])
    }
  })

  it("of the connection have no turn and no operation", () => {
    const methods = ["account/updated", "configWarning", "skills/changed", "mcpServer/startupStatus/updated"] as const
    for (const method of methods) {
      assert.strictEqual(ServerNotifications[method].scope, "connection")
      assert.isUndefined(ServerNotifications[method].turnId)
      assert.isUndefined(ServerNotifications[method].operationId)
    }
  })

  it("that carry a piece of a text say what has to be equal before two are joined", () => {
    assert.deepStrictEqual(ServerNotifications["item/agentMessage/delta"].delta, {
      text: "delta",
      sameBy: ["itemId", "threadId", "turnId"]
    })
    assert.include(ServerNotifications["item/reasoning/summaryTextDelta"].delta?.sameBy ?? [], "summaryIndex")
    assert.include(ServerNotifications["item/reasoning/textDelta"].delta?.sameBy ?? [], "contentIndex")
    assert.isUndefined(ServerNotifications["command/exec/outputDelta"].delta, "pieces of base64 can't be joined")
    assert.isUndefined(ServerNotifications["turn/diff/updated"].delta, "a whole diff each time")
  })
})

describe("server requests", () => {
  it("say where their thread and turn stand", () => {
    assert.deepStrictEqual(ServerRequests["item/commandExecution/requestApproval"].turnId, ["turnId"])
    assert.deepStrictEqual(ServerRequests["mcpServer/elicitation/request"].threadId, ["threadId"])
    assert.isUndefined(ServerRequests["account/chatgptAuthTokens/refresh"].threadId)
  })

  it("of the first protocol are marked, and name their thread another way", () => {
    const legacy = Object.values(ServerRequests).filter((spec) => spec.legacy).map((spec) => spec.method)
    assert.deepStrictEqual(legacy, ["applyPatchApproval", "execCommandApproval"])
    assert.deepStrictEqual(ServerRequests.execCommandApproval.threadId, ["conversationId"])
  })
})
