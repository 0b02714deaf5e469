import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { start } from "./support/child.js"

const file = "src/plain-typescript.ts"

const script = ({ toolOutputs, userText }: ScriptedModel.ModelRequest) => {
  const answered = toolOutputs.length > 0
  switch (userText.split(" ")[0]) {
    case "How":
      return answered
        ? ScriptedModel.text(["There are ", `${JSON.parse(toolOutputs[0]?.text ?? "{}").pieces}`, " kettles."])
        : ScriptedModel.toolCall({ name: "stock_of", arguments: { article: "kettle" } })
    case "Order":
      return ScriptedModel.text(`{"article":"kettle","pieces":12}`)
    case "Print":
      return answered ? ScriptedModel.text("Printed.") : ScriptedModel.toolCall({
        name: "exec_command",
        arguments: {
          cmd: "echo label",
          login: false,
          sandbox_permissions: "require_escalated",
          justification: "Print."
        }
      })
    default:
      return ScriptedModel.text(["One, ", ScriptedModel.hang])
  }
}

it.scopedLive("plain-typescript streams, asks, calls, gives up, ends, and imports nothing of Effect", () =>
  Effect.gen(function*() {
    const { codexHome } = yield* TemporaryCodexHome.TemporaryCodexHome
    const example = yield* start(file, { env: { CODEX_HOME: codexHome, HOME: codexHome } })
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.match(
      example.stdout(),
      /^There are 12 kettles\.\nordered: 12 of kettle\nallowed: .*echo label.*\ngiven up: interrupted\n$/
    )
    assert.deepStrictEqual(yield* example.processes, [])
    assert.notMatch(
      readFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), "utf8"),
      /from "(@effect\/|effect)/
    )
  }).pipe(Effect.provide(Layer.provideMerge(TemporaryCodexHome.layer(), ScriptedModel.layer(script)))))
