/** The floor: stdout split by line and parsed in its data event, nothing else. */
import { threadId } from "../server/wire.js"
import { Meter, orderOf, type Params, params, report } from "./probe.js"
import * as Raw from "./raw.js"

const given = params<Params>()
const child = Raw.start()
const meter = new Meter(given, () => child.stdin.write(Raw.warm))
let completed = 0
let rest = ""
child.stdout.setEncoding("utf8")
child.stdout.on("data", (chunk: string) => {
  const lines = (rest + chunk).split("\n")
  rest = lines.pop() ?? ""
  for (let i = 0; i < lines.length; i++) {
    const message = JSON.parse(lines[i] ?? "")
    if (message.method === "item/agentMessage/delta") {
      meter.saw()
    } else if (message.method === "turn/completed" && ++completed === given.turns) {
      report(meter.sample)
    }
  }
})
const ids = Array.from({ length: given.turns }, (_, index) => threadId(index))
child.stdin.write(Raw.handshake + Raw.threads(given.turns) + Raw.turns(orderOf(given), ids))
