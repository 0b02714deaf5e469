import type * as Server from "@effect-codex/protocol/Server"
import { ExperimentalApi } from "@effect-codex/sdk/AppServer"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import * as Tool from "@effect-codex/sdk/Tool"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import { type Env, type Options, promise as promiseWith, settle } from "./support/env.js"
import { running } from "./support/turns.js"

const promise = (name: string, body: Parameters<typeof promiseWith>[1], options?: Options) =>
  promiseWith(name, body, { ...options, experimentalApi: true })

const call = (input: unknown): Tool.Call => ({
  arguments: input,
  callId: "call-1",
  threadId: "thread-1",
  turnId: "turn-1"
})

const text = (text: string): Tool.Response => ({ contentItems: [Tool.text(text)], success: true })

const unsuccessful = (text: string): Tool.Response => ({ contentItems: [Tool.text(text)], success: false })

class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { id: Schema.Int }) {
  override get message() {
    return `There is no ticket ${this.id}.`
  }
}

const opened: Server.ThreadStartResponse = {
  thread: {
    id: "thread-1",
    cwd: "/home/user",
    preview: "",
    modelProvider: "m",
    createdAt: 0,
    updatedAt: 0,
    cliVersion: "",
    ephemeral: false,
    sessionId: "s",
    source: "appServer",
    status: { type: "idle" },
    turns: []
  },
  model: "m",
  modelProvider: "m",
  cwd: "/home/user",
  approvalPolicy: "never",
  approvalsReviewer: "user",
  sandbox: { type: "dangerFullAccess" }
}

const experimental = Effect.provideService(ExperimentalApi, { enabled: true })

const open = <const Tools extends ReadonlyArray<Tool.Any>>({ codex, server }: Env, tools: Tools) =>
  experimental(Effect.gen(function*() {
    const opening = yield* Effect.fork(codex.startThread({ tools }))
    const { id, params } = yield* server.takeRequest("thread/start")
    yield* server.respond(id, opened)
    return { thread: yield* opening, sent: params.dynamicTools }
  }))

const ask = (
  { server }: Env,
  id: number,
  tool: string,
  input: unknown,
  where: { readonly turnId?: string; readonly namespace?: string } = {}
) =>
  server.request(id, "item/tool/call", {
    threadId: "thread-1",
    turnId: where.turnId ?? "turn-1",
    callId: `call-${id}`,
    namespace: where.namespace ?? null,
    tool,
    arguments: input
  })

describe("a tool answers a call", () => {
  it.effect("with its parameters decoded and its result encoded", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      const opened = Tool.make("opened", {
        description: "d",
        parameters: Schema.Struct({
          day: Schema.DateFromString,
          limit: Schema.optionalWith(Schema.Int, { default: () => 5 })
        }),
        success: Schema.Struct({ until: Schema.DateFromString }),
        handler: ({ day, limit }, given) => {
          seen.push([day, limit, given])
          return Effect.succeed({ until: day })
        }
      })
      assert.deepStrictEqual(
        yield* opened.call(call({ day: "2026-01-02T00:00:00.000Z" })),
        text(`{"until":"2026-01-02T00:00:00.000Z"}`)
      )
      assert.deepStrictEqual(seen, [[new Date("2026-01-02"), 5, call({ day: "2026-01-02T00:00:00.000Z" })]])
    }))

  it.effect("with a string as it is, and with nothing", () =>
    Effect.gen(function*() {
      const options = { description: "d" }
      const word = Tool.make("word", { ...options, success: Schema.String, handler: () => Effect.succeed("fish") })
      const done = Tool.make("done", { ...options, success: Schema.Void, handler: () => Effect.void })
      assert.deepStrictEqual(yield* word.call(call({})), text("fish"))
      assert.deepStrictEqual(yield* done.call(call({})), text(""))
    }))

  it.effect("with text, images and sound, where it has no Schema for its success", () =>
    Effect.gen(function*() {
      const image = Tool.image("data:image/png;base64,")
      const sound = Tool.audio("data:audio/wav;base64,")
      const answer = (output: Tool.Output) =>
        Tool.make("show", { description: "d", handler: () => Effect.succeed(output) }).call(call({}))
      assert.deepStrictEqual(yield* answer("fish"), text("fish"))
      assert.deepStrictEqual(yield* answer(image), { contentItems: [image], success: true })
      assert.deepStrictEqual(yield* answer(["one", image, Tool.text("two"), sound]), {
        contentItems: [Tool.text("one"), image, Tool.text("two"), sound],
        success: true
      })
    }))

  it.effect("that does not fit its parameters with every problem, and does not run", () =>
    Effect.gen(function*() {
      const ticket = Tool.make("ticket", {
        description: "d",
        parameters: Schema.Struct({ id: Schema.Int, why: Schema.NonEmptyString }),
        handler: () => Effect.dieMessage("ran")
      })
      assert.deepStrictEqual(
        yield* ticket.call(call({ id: "1", why: "" })),
        unsuccessful(
          "Nothing was done, since the arguments do not fit the parameters of ticket:\n" +
            "- id: Expected number, actual \"1\"\n" +
            "- why: Expected a non empty string, actual \"\""
        )
      )
      assert.include(JSON.stringify(yield* ticket.call(call(null))), "Expected { readonly id")
    }))

  it.effect("with its failure: the message, or as the Schema for it says", () =>
    Effect.gen(function*() {
      const fail = (failure: unknown) =>
        Tool.make("ticket", { description: "d", handler: () => Effect.fail(failure) }).call(call({}))
      assert.deepStrictEqual(yield* fail(new NotFound({ id: 2 })), unsuccessful("There is no ticket 2."))
      assert.deepStrictEqual(yield* fail("no"), unsuccessful("no"))
      assert.include(JSON.stringify(yield* fail({ code: 5 })), "code")
      const encoded = Tool.make("ticket", {
        description: "d",
        failure: NotFound,
        handler: () => new NotFound({ id: 2 })
      })
      assert.deepStrictEqual(yield* encoded.call(call({})), unsuccessful(`{"id":2,"_tag":"NotFound"}`))
    }))

  it.effect("with plain words where it dies, and logs why", () =>
    Effect.gen(function*() {
      const logged: Array<string> = []
      const logger = Logger.make(({ cause, logLevel, message }) => logged.push(`${logLevel.label} ${message} ${cause}`))
      const died = unsuccessful("The tool ticket failed, for a reason that is not yours.")
      const answer = (handler: () => Effect.Effect<number>) =>
        Tool.make("ticket", { description: "d", success: Schema.Int, handler }).call(call({})).pipe(
          Effect.provide(Logger.replace(Logger.defaultLogger, logger))
        )
      assert.deepStrictEqual(yield* answer(() => Effect.dieMessage("the secret")), died)
      assert.deepStrictEqual(
        yield* answer(() => {
          throw new Error("thrown")
        }),
        died
      )
      // Its result does not fit its own Schema.
      assert.deepStrictEqual(yield* answer(() => Effect.succeed(1.5)), died)
      assert.match(logged[0] ?? "", /^ERROR the tool ticket died .*the secret/s)
      assert.include(logged[1], "thrown")
      assert.include(logged[2], "1.5")
    }))
})

const lookup = Tool.make("lookup", {
  description: "Looks a word up.",
  parameters: Schema.Struct({ word: Schema.String }),
  handler: ({ word }) => Effect.succeed(`found ${word}`)
})

const refused = (env: Env, tools: ReadonlyArray<Tool.Tool | Tool.Namespace>) =>
  experimental(Effect.gen(function*() {
    const error = yield* Effect.flip(env.codex.startThread({ tools }))
    assert.strictEqual(error._tag, "InvalidParams")
    assert.deepStrictEqual(yield* env.server.takeAll, [])
    return error.message
  }))

describe("a thread with tools", () => {
  promise(
    "tells the server what each is called, what for, and the JSON Schema of what it takes",
    (env) =>
      Effect.gen(function*() {
        class Point
          extends Schema.Class<Point>("Point")({ x: Schema.NumberFromString, y: Schema.optional(Schema.Int) })
        {}
        interface Tree {
          readonly children: ReadonlyArray<Tree>
        }
        const Tree: Schema.Schema<Tree> = Schema.Struct({
          children: Schema.Array(Schema.suspend((): Schema.Schema<Tree> => Tree))
        }).annotations({ identifier: "Tree" })
        const handler = () => Effect.succeed("")
        const { sent } = yield* open(env, [
          Tool.make("now", { description: "What time is it?", handler }),
          Tool.make("plot", { description: "Plots.", parameters: Point, handler }),
          Tool.namespace("trees", {
            description: "Trees.",
            deferLoading: true,
            tools: [Tool.make("plant", { description: "Plants.", parameters: Tree, handler })]
          })
        ])
        const tree = {
          type: "object",
          required: ["children"],
          properties: { children: { type: "array", items: { $ref: "#/$defs/Tree" } } },
          additionalProperties: false
        }
        assert.deepStrictEqual<unknown>(sent, [
          {
            type: "function",
            name: "now",
            description: "What time is it?",
            inputSchema: { type: "object", required: [], properties: {}, additionalProperties: false }
          },
          {
            type: "function",
            name: "plot",
            description: "Plots.",
            inputSchema: {
              type: "object",
              required: ["x"],
              properties: {
                x: { type: "string", description: "a string to be decoded into a number" },
                y: { type: "integer", description: "an integer", title: "int" }
              },
              additionalProperties: false
            }
          },
          {
            type: "namespace",
            name: "trees",
            description: "Trees.",
            tools: [{
              type: "function",
              name: "plant",
              description: "Plants.",
              inputSchema: { ...tree, $defs: { Tree: tree } },
              deferLoading: true
            }]
          }
        ])
      })
  )

  promise(
    "is given them beside the dynamic tools of its params, and without any sends those as they are",
    (env) =>
      Effect.gen(function*() {
        const raw = { name: "raw", description: "d", inputSchema: { type: "object" } }
        const sent = (tools: ReadonlyArray<Tool.Tool>) =>
          experimental(Effect.gen(function*() {
            yield* Effect.fork(env.codex.startThread({ dynamicTools: [raw], tools }))
            const { id, params } = yield* env.server.takeRequest("thread/start")
            yield* env.server.fail(id, { code: -32600, message: "no" })
            return params.dynamicTools?.map((tool) => [tool.type, tool.name])
          }))
        assert.deepStrictEqual(yield* sent([lookup]), [["function", "raw"], ["function", "lookup"]])
        assert.deepStrictEqual(yield* sent([]), [[undefined, "raw"]])
      })
  )

  promise(
    "is refused names that the server does not take, all of them at once and before anything is sent",
    (env) =>
      Effect.gen(function*() {
        const named = (name: string) => Tool.make(name, { description: "d", handler: () => Effect.succeed("") })
        const message = yield* refused(env, [
          named("look up"),
          named(""),
          named("x".repeat(129)),
          named("mcp__x"),
          named("twice"),
          named("twice"),
          Tool.namespace("twice", { description: "d", tools: [named("a"), named("a")] }),
          Tool.namespace("y".repeat(65), { description: "d", tools: [] })
        ])
        assert.deepStrictEqual(message.split("\n").slice(1), [
          "tools: twice: there are several of this name",
          "tools: look up: a name is made of letters, digits, _ and -",
          "tools: : a name is made of letters, digits, _ and -",
          `tools: ${"x".repeat(129)}: the name is longer than 128 characters`,
          "tools: mcp__x: names that begin with mcp__ are taken by the server",
          `tools: twice.a: there are several of this name`,
          `tools: ${"y".repeat(65)}: the name is longer than 64 characters`,
          `tools: ${"y".repeat(65)}: a namespace needs a tool`
        ])
      })
  )

  promise("is refused parameters that are no object, or have no JSON Schema", (env) =>
    Effect.gen(function*() {
      const taking = <A, I>(parameters: Schema.Schema<A, I>) =>
        refused(env, [Tool.make("odd", { description: "d", parameters, handler: () => Effect.succeed("") })])
      const noObject = "tools: odd: the parameters have to be encoded as an object"
      assert.include(yield* taking(Schema.String), noObject)
      assert.include(yield* taking(Schema.Array(Schema.String)), noObject)
      assert.include(
        yield* taking(Schema.Union(Schema.Struct({ a: Schema.Int }), Schema.Struct({ b: Schema.Int }))),
        noObject
      )
      assert.include(yield* taking(Schema.Struct({ at: Schema.DateFromSelf })), "Missing annotation")
    }))

  promise("has its calls answered by the tool of that name, in its namespace", (env) =>
    Effect.gen(function*() {
      const inner = Tool.make("lookup", { description: "d", handler: () => Effect.succeed("the inner one") })
      yield* open(env, [lookup, Tool.namespace("words", { description: "d", tools: [inner] })])
      yield* ask(env, 0, "lookup", { word: "fish" })
      assert.deepStrictEqual(yield* env.server.take, { id: 0, result: text("found fish") })
      yield* ask(env, 1, "lookup", {}, { namespace: "words" })
      assert.deepStrictEqual(yield* env.server.take, { id: 1, result: text("the inner one") })
    }))

  promise("takes what its tools need from where it is opened", (env) =>
    Effect.gen(function*() {
      class Shelf extends Context.Tag("Shelf")<Shelf, string>() {}
      const shelf = Tool.make("shelf", { description: "d", handler: () => Shelf })
      yield* open(env, [shelf]).pipe(Effect.provideService(Shelf, "top"))
      yield* ask(env, 0, "shelf", {})
      assert.deepStrictEqual(yield* env.server.take, { id: 0, result: text("top") })
    }))

  promise(
    "answers before the handlers around it, and leaves to them the tools that it does not have",
    (env) =>
      Effect.gen(function*() {
        yield* open(env, [lookup]).pipe(
          Effect.provideService(ServerRequests.ServerRequests, {
            toolCall: ({ tool }) => tool === "nobody's" ? ServerRequests.pass : Effect.succeed(text("elsewhere"))
          })
        )
        yield* ask(env, 0, "lookup", { word: "fish" })
        assert.deepStrictEqual(yield* env.server.take, { id: 0, result: text("found fish") })
        yield* ask(env, 1, "toString", {})
        assert.deepStrictEqual(yield* env.server.take, { id: 1, result: text("elsewhere") })
        yield* ask(env, 2, "nobody's", {})
        assert.deepStrictEqual(yield* env.server.take, {
          id: 2,
          result: unsuccessful("This client does not provide the tool.")
        })
      })
  )

  promise("runs several calls at once, and answers each as it is done", (env) =>
    Effect.gen(function*() {
      const latch = yield* Effect.makeLatch()
      const wait = Tool.make("wait", { description: "d", handler: () => Effect.as(latch.await, "first") })
      const go = Tool.make("go", { description: "d", handler: () => Effect.as(latch.open, "second") })
      yield* open(env, [wait, go])
      yield* ask(env, 0, "wait", {})
      yield* settle
      assert.deepStrictEqual(yield* env.server.takeAll, [])
      yield* ask(env, 1, "go", {})
      const answers = [yield* env.server.take, yield* env.server.take]
      assert.sameDeepMembers(answers, [{ id: 0, result: text("first") }, { id: 1, result: text("second") }])
    }))

  promise("has a call interrupted, and not answered, when its turn ends", (env) =>
    Effect.gen(function*() {
      const interrupted = yield* Effect.makeLatch()
      const hang = Tool.make("hang", {
        description: "d",
        handler: () => Effect.onInterrupt(Effect.never, () => interrupted.open)
      })
      const { thread } = yield* open(env, [hang])
      const turn = yield* running(env, "turn-1", { thread })
      const result = yield* Effect.fork(turn.result)
      yield* ask(env, 0, "hang", {})
      yield* settle
      assert.strictEqual((yield* env.appServer.stats).serverRequests, 1)
      yield* env.say.completed("turn-1")
      yield* interrupted.await
      yield* Fiber.join(result)
      assert.deepStrictEqual(yield* env.server.takeAll, [])
    }))
})
