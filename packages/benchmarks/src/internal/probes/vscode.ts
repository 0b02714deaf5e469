/** The way of a message through `vscode-jsonrpc`, to its handler of the method. */
import { threadId } from "../server/wire.js"
import * as JsonRpc from "./jsonrpc.js"
import { Meter, type Params, params, passes, report } from "./probe.js"
import * as Raw from "./raw.js"

const given = params<Params>()
let meter = new Meter(given)
let completed = 0
let onCompleted = () => {}

const connection = await JsonRpc.connect(Raw.start(), (connection) => {
  connection.onNotification("item/agentMessage/delta", () => meter.saw())
  connection.onNotification("turn/completed", () => {
    if (++completed === given.turns) {
      onCompleted()
    }
  })
})
const ids = Array.from({ length: given.turns }, (_, index) => threadId(index))
for (const _ of ids) {
  await connection.sendRequest("thread/start", {})
}
for (const order of passes(given)) {
  completed = 0
  const done = new Promise<void>((resolve) => {
    onCompleted = resolve
  })
  meter = new Meter(order)
  for (const threadId of ids) {
    await connection.sendRequest("turn/start", { threadId, input: [{ type: "text", text: JSON.stringify(order) }] })
  }
  await done
}
report(meter.sample)
