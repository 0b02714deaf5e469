import type * as Server from "@effect-codex/protocol/Server"
import type { Transport } from "@effect-codex/sdk/Transport"
import * as MemoryTransport from "@effect-codex/testing/MemoryTransport"
import * as ScriptedModel from "@effect-codex/testing/ScriptedModel"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { questions } from "../questions.js"

/** What the other turn says, one every 2 seconds: longer than any operation takes. */
export const otherWords: ReadonlyArray<string> = Array.from({ length: 81 }, (_, i) => `${i} `)

const say = (...words: ReadonlyArray<string>) => ScriptedModel.text(words, { delay: "700 millis" })

type Service = MemoryTransport.Server["Type"]

/** Asks something, and goes on once it is answered. */
const ask = (
  server: Service,
  method: "item/commandExecution/requestApproval" | "item/tool/call",
  // The server in memory always names them.
  { threadId = "", turnId = "" }: ScriptedModel.ModelRequest
) =>
  Effect.gen(function*() {
    yield* server.request("question", method, { ...questions[method], threadId, turnId })
    let message = yield* server.take
    while (message.id !== "question") {
      message = yield* server.take
    }
    yield* server.notify("serverRequest/resolved", { threadId, requestId: "question" })
    return say("Very ", "well", ".")
  })

const model = (id: string): Server.Model => ({
  id,
  model: id,
  description: "",
  displayName: id,
  hidden: false,
  isDefault: false,
  defaultReasoningEffort: "medium",
  supportedReasoningEfforts: []
})

const answers = (server: () => Service): MemoryTransport.Answers => ({
  "model/list": ({ cursor }) =>
    Effect.succeed(
      cursor === "second" ? { data: [model("b")], nextCursor: null } : { data: [model("a")], nextCursor: "second" }
    ),
  "account/login/start": () =>
    Effect.as(
      Effect.forkDaemon(Effect.delay(
        Effect.suspend(() => server().notify("account/login/completed", { loginId: "login", success: true })),
        "1400 millis"
      )),
      { type: "chatgpt" as const, loginId: "login", authUrl: "https://example.invalid" }
    ),
  // It is asked only after the login was completed.
  "account/login/cancel": () => Effect.succeed({ status: "notFound" as const })
})

/** An app-server in memory, which asks and is asked what the operations are about. */
export const layer: Layer.Layer<MemoryTransport.Server | Transport> = Layer
  .suspend(() => {
    let server: Service | undefined
    const get = (): Service => {
      if (server === undefined) {
        throw new Error("the server was asked before it was there")
      }
      return server
    }
    return MemoryTransport.layer(
      (request) => {
        switch (request.userText) {
          case "other":
            return ScriptedModel.text(otherWords, { delay: "2 seconds" })
          case "approval":
            return ask(get(), "item/commandExecution/requestApproval", request)
          case "tool":
            return ask(get(), "item/tool/call", request)
          case "hang":
            return ScriptedModel.hang
          default:
            return say("Hel", "lo", ".")
        }
      },
      { answers: answers(get) }
    ).pipe(Layer.tap((context) =>
      Effect.sync(() => {
        server = Context.get(context, MemoryTransport.Server)
      })
    ))
  })
