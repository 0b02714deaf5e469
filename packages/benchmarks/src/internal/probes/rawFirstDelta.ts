/** The same by promises over lines. */
import { spawn } from "node:child_process"
import { params, report } from "./probe.js"
import * as RawClient from "./rawClient.js"
import { environment, type RealParams } from "./realParams.js"
import { FirstDeltas, type FirstDeltasParams } from "./waiting.js"

const given = params<RealParams & FirstDeltasParams>()
const child = spawn(given.binary, ["app-server"], {
  cwd: given.cwd,
  env: { ...process.env, ...environment(given) },
  stdio: ["pipe", "pipe", "ignore"]
})
const waited = new FirstDeltas(given)
let onCompleted = () => {}

const client = RawClient.make(child, ({ method }) => {
  if (method === "item/agentMessage/delta") {
    waited.delta()
  } else if (method === "turn/completed") {
    onCompleted()
  }
})
await RawClient.initialize(client)
const { thread } = await client.request("thread/start", { sandbox: "read-only" }) as { thread: { id: string } }
while (waited.more) {
  const completed = new Promise<void>((resolve) => {
    onCompleted = resolve
  })
  waited.begin()
  await client.request("turn/start", {
    threadId: thread.id,
    input: [{ type: "text", text: waited.prompt, text_elements: [] }]
  })
  await completed
}
child.stdin.end()
report(waited.sample)
