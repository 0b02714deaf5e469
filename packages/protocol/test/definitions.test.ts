import * as Client from "@effect-codex/protocol/Client"
import * as Server from "@effect-codex/protocol/Server"
import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as JSONSchema from "effect/JSONSchema"
import { isParseError } from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { exactOptional, lazy } from "../src/internal/schemas.js"
import { clientSchemas, serverSchemas } from "./support/protocol.js"

const decode = <A>(schema: Schema.Schema<A>, value: unknown): A =>
  Either.getOrThrowWith(Schema.decodeUnknownEither(schema)(value), (error) => error)

const refuses = <A>(schema: Schema.Schema<A>, value: unknown) =>
  assert.isTrue(Either.isLeft(Schema.decodeUnknownEither(schema)(value)), JSON.stringify(value))

const goesBothWays = <A>(schema: Schema.Schema<A>, value: unknown, expected: unknown = value) => {
  const decoded = decode(schema, value)
  assert.deepStrictEqual<unknown>(decoded, expected)
  assert.deepStrictEqual(Schema.encodeUnknownSync(schema)(decoded), value)
}

describe("every definition", () => {
  const all = [...serverSchemas, ...clientSchemas]

  it("builds, and answers what it cannot be with a ParseError, decoding and encoding", () => {
    assert.isAbove(all.length, 935)
    for (const [name, schema] of all) {
      for (const run of [Schema.decodeUnknownEither(schema), Schema.encodeUnknownEither(schema)]) {
        const result = run(Symbol.for("garbage"))
        assert.isTrue(Either.isLeft(result) && isParseError(result.left), name)
      }
    }
  })

  it("is the same schema in both modules where it looks the same", () => {
    assert.strictEqual(Client.AbsolutePathBuf, Server.AbsolutePathBuf)
    assert.notStrictEqual<unknown>(Client.UserInput, Server.UserInput)
  })

  it("may refer to itself", () => {
    interface Tree {
      readonly name: string
      readonly children?: ReadonlyArray<Tree>
    }
    const Tree: Schema.Schema<Tree> = lazy(
      "Tree",
      () => Schema.Struct({ name: Schema.String, children: exactOptional(Schema.Array(Tree)) })
    )
    goesBothWays(Tree, { name: "root", children: [{ name: "leaf" }] })
    refuses(Tree, { name: "root", children: [{ name: 1 }] })
    assert.deepStrictEqual(JSONSchema.make(Tree).$defs?.["Tree"], {
      type: "object",
      required: ["name"],
      properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#/$defs/Tree" } } },
      additionalProperties: false
    })
  })
})

describe("what the server sends is open", () => {
  it("to unknown values of an enum", () => {
    goesBothWays(Server.TurnStatus, "paused")
    goesBothWays(Server.CodexErrorInfo, "newError")
    goesBothWays(Server.CodexErrorInfo, { httpConnectionFailed: { httpStatusCode: 502 } })
    for (const [name, schema] of serverSchemas) {
      const { $defs = {} } = JSONSchema.make(schema)
      const definition = $defs[name]
      if (definition !== undefined && "examples" in definition) goesBothWays(schema, "newValue")
      assert.isFalse(definition !== undefined && "enum" in definition, `${name} is a closed enum`)
    }
  })

  it("to unknown members of a tagged union, which keep what came", () => {
    const item = { type: "newItem", id: "1", nested: [{ deep: true }] }
    goesBothWays(Server.ThreadItem, item, { type: "$unknown", raw: item })
    goesBothWays(Server.FileSystemSpecialPath, { kind: "new" }, { kind: "$unknown", raw: { kind: "new" } })
  })

  it("to unknown members of an externally tagged or untagged union", () => {
    goesBothWays(Server.AskForApproval, { onMondays: {} }, { type: "$unknown", raw: { onMondays: {} } })
    goesBothWays(Server.SessionSource, { subAgent: { team: "a" } }, {
      subAgent: { type: "$unknown", raw: { team: "a" } }
    })
    const video = { uri: "file:///a", video: "…" }
    goesBothWays(Server.ResourceContent, video, { type: "$unknown", raw: video })
  })

  it("and still refuses a known member with a body it can't have", () => {
    refuses(Server.ThreadItem, { type: "agentMessage", id: 1, text: "" })
    refuses(Server.ThreadItem, { type: "agentMessage" })
    refuses(Server.ThreadItem, { id: "1" })
    refuses(Server.ThreadItem, [])
    refuses(Server.CodexErrorInfo, { httpConnectionFailed: { httpStatusCode: "502" } })
    refuses(Server.ResourceContent, { uri: 1, text: "" })
    refuses(Server.TurnStatus, 1)
  })

  it("to numbers of any size", () => {
    goesBothWays(Server.ByteRange, { start: -1, end: 2 ** 60 })
  })
})

describe("what the client sends is closed", () => {
  it("refuses unknown values of an enum and unknown members of a union", () => {
    goesBothWays(Client.SandboxMode, "read-only")
    refuses(Client.SandboxMode, "unlimited")
    goesBothWays(Client.UserInput, { type: "text", text: "hello" })
    refuses(Client.UserInput, { type: "video", url: "…" })
    refuses(Client.UserInput, { type: "$unknown", raw: {} })
    refuses(Client.AskForApproval, { onMondays: {} })
  })

  it("holds integers to their range", () => {
    goesBothWays(Client.CommandExecTerminalSize, { cols: 80, rows: 24 })
    refuses(Client.CommandExecTerminalSize, { cols: 65_536, rows: 24 })
    refuses(Client.CommandExecTerminalSize, { cols: 1.5, rows: 24 })
  })

  it("takes a member as absent, undefined or null, and sends the null", () => {
    const params = { threadId: "1", input: [] }
    goesBothWays(Client.TurnStartParams, params)
    goesBothWays(Client.TurnStartParams, { ...params, model: null })
    const encoded = Schema.encodeSync(Client.TurnStartParams)({ ...params, model: undefined })
    assert.strictEqual(JSON.stringify(encoded), JSON.stringify({ input: [], threadId: "1" }))
  })
})

describe("unions", () => {
  it("carry the properties that stand beside their branches", () => {
    goesBothWays(Server.ThreadItem, { type: "plan", id: "1", text: "", startedAtMs: 1, completedAtMs: null })
    refuses(Server.ThreadItem, { type: "plan", id: "1", text: "", startedAtMs: "1" })
    goesBothWays(Server.McpServerElicitationRequestParams, {
      mode: "url",
      serverName: "server",
      threadId: "1",
      turnId: null,
      elicitationId: "2",
      message: "open",
      url: "https://example.com"
    })
    refuses(Server.McpServerElicitationRequestParams, {
      mode: "url",
      serverName: "server",
      elicitationId: "2",
      message: "no thread",
      url: "https://example.com"
    })
  })

  it("tell apart the branches of one tag", () => {
    goesBothWays(Client.UserInput, { type: "image", url: "https://example.com/a.png" })
    goesBothWays(Client.UserInput, { type: "image", fileId: "1" })
    refuses(Client.UserInput, { type: "image" })
  })

  it("keep everything where several branches would do", () => {
    const titled = { type: "string", enum: ["a", "b"], enumNames: ["A", "B"] }
    goesBothWays(Server.McpElicitationPrimitiveSchema, titled)
    goesBothWays(Server.McpElicitationPrimitiveSchema, { type: "string", enum: ["a"], title: "one" })
    goesBothWays(Server.McpElicitationPrimitiveSchema, { type: "string", format: "email", maxLength: 3 })
    goesBothWays(Server.McpElicitationPrimitiveSchema, { type: "integer", maximum: 3 })
    goesBothWays(Server.McpElicitationPrimitiveSchema, { type: "boolean", default: true })
    const date = { type: "date", after: 1 }
    goesBothWays(Server.McpElicitationPrimitiveSchema, date, { type: "$unknown", raw: date })
  })
})

describe("what the server sends, member by member", () => {
  it("takes a nullable member as absent, null or present", () => {
    const delta = { name: "server", status: "ready" }
    goesBothWays(Server.McpServerStatusUpdatedNotification, delta)
    goesBothWays(Server.McpServerStatusUpdatedNotification, { ...delta, error: null })
    goesBothWays(Server.McpServerStatusUpdatedNotification, { ...delta, error: "no" })
    refuses(Server.McpServerStatusUpdatedNotification, { ...delta, error: 1 })
  })

  it("keeps what an open object holds beside its members", () => {
    goesBothWays(Server.Config, { model: "gpt", something: { else: 1 } })
    refuses(Server.Config, { model: 1 })
    goesBothWays(Server.ThreadArchiveResponse, { something: 1 })
  })
})
