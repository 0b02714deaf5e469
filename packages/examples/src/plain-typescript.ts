/**
 * Codex from plain TypeScript: a turn as it is written, a value of a schema, an approval and a tool as functions, and a
 * turn that is given up. It runs on your own codex, or on whatever `CODEX_HOME` is configured for.
 */
import { Approval, Codex, tool, TurnInterrupted } from "@effect-codex/promise"
import { z } from "zod"

const stockOf = tool({
  name: "stock_of",
  description: "How many pieces of an article are in stock.",
  parameters: z.object({ article: z.string() }),
  run: async ({ article }) => ({ article, pieces: article === "kettle" ? 12 : 0 })
})

await using codex = await Codex.start({
  experimentalApi: true,
  handlers: {
    commandApproval: async ({ command }) => {
      console.log(`allowed: ${command}`)
      return Approval.accept
    }
  }
})
const thread = await codex.startThread({ tools: [stockOf], sandbox: "read-only", approvalPolicy: "on-request" })

for await (const event of thread.stream("How many kettles do we have?")) {
  if (event._tag === "ItemAgentMessageDelta") {
    process.stdout.write(event.delta)
  }
}
console.log()

const Order = z.object({ article: z.string(), pieces: z.int() })
const { value } = await thread.runAs(Order, "Order as many again.")
console.log(`ordered: ${value.pieces} of ${value.article}`)

await thread.run("Print the label.")

const enough = new AbortController()
try {
  for await (const event of thread.stream("Count them all, one by one.", { signal: enough.signal })) {
    if (event._tag === "ItemAgentMessageDelta") {
      enough.abort()
    }
  }
} catch (error) {
  if (!(error instanceof TurnInterrupted)) {
    throw error
  }
  console.log(`given up: ${error.partial.status}`)
}
