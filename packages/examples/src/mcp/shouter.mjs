// An MCP server over stdio with one tool.
import * as Readline from "node:readline"

const shout = {
  name: "shout",
  description: "Says a text in capital letters.",
  inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] }
}

const results = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "shouter", version: "1.0.0" }
  }),
  "tools/list": () => ({ tools: [shout] }),
  "tools/call": ({ arguments: { text } }) => ({ content: [{ type: "text", text: text.toUpperCase() }] })
}

Readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line)
  if (id !== undefined) {
    const result = results[method]
    const answer = result === undefined ? { error: { code: -32601, message: method } } : { result: result(params) }
    process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...answer })}\n`)
  }
})
