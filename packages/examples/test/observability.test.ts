import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("observability prints the trace of its turn and what it used, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/observability.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    const lines = example.stdout().split("\n").map((line) => line.replace(/ {2}\d+ ms$/, ""))
    const from = lines.indexOf("program")
    assert.sameMembers(lines.slice(from, from + 8), [
      "program",
      "  codex.request thread/start",
      "  codex.turn",
      "    codex.request turn/start",
      "    codex.item userMessage",
      "    codex.item commandExecution",
      "    codex.server_request item/commandExecution/requestApproval",
      "    codex.item agentMessage"
    ])
    assert.match(lines.at(-2) ?? "", /^\d+ input tokens$/)
    assert.deepStrictEqual(yield* example.processes, [])
  }))
