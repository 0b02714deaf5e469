/**
 * A web server that runs turns for a page: the events of a turn are streamed to it as they come (`text/event-stream`),
 * and a client that goes away, by its Stop button or by leaving, interrupts its turn. `web-server/` holds the API, the
 * handlers and the page.
 */
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Server from "./web-server/server.js"

/** 0 is any that is free. */
const port = Config.withDefault(Config.integer("PORT"), 3000)

const WebServer = Layer.unwrapEffect(Effect.map(port, (port) => Server.layer({ port })))

// Without a script it would be `NodeCodex.layer()`.
const script: ScriptedModel.Script = ({ userText }) =>
  ScriptedModel.text(`You said: ${userText} I could go on about that for a long time.`.split(/(?<= )/), {
    delay: "200 millis"
  })

WebServer.pipe(
  Layer.provide(CodexTest.layer({ script })),
  Layer.launch,
  NodeRuntime.runMain
)
