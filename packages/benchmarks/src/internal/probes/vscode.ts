/** The way of a message through `vscode-jsonrpc`, to its handler of the method. */
import { threadId } from "../server/wire.js"
import * as JsonRpc from "./jsonrpc.js"
import { Meter, orderOf, type Params, params, report } from "./probe.js"
import * as Raw from "./raw.js"

const given = params<Params>()
let completed = 0

const connection = await JsonRpc.connect(Raw.start(), (connection) => {
  const meter = new Meter(given, () => void connection.sendRequest("thread/loaded/list", {}))
  connection.onNotification("item/agentMessage/delta", () => meter.saw())
  connection.onNotification("turn/completed", () => {
    if (++completed === given.turns) {
      report(meter.sample)
    }
  })
})
const input = [{ type: "text", text: JSON.stringify(orderOf(given)) }]
const ids = Array.from({ length: given.turns }, (_, index) => threadId(index))
for (const _ of ids) {
  await connection.sendRequest("thread/start", {})
}
for (const threadId of ids) {
  await connection.sendRequest("turn/start", { threadId, input })
}
