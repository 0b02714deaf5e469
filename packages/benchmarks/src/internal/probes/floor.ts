/** The floor: stdout split by line and parsed in its data event, nothing else. */
import { threadId } from "../server/wire.js"
import { Meter, type Params, params, passes, report } from "./probe.js"
import * as Raw from "./raw.js"

const given = params<Params>()
const orders = passes(given)
const ids = Array.from({ length: given.turns }, (_, index) => threadId(index))
const child = Raw.start()

let pass = 0
let meter = new Meter(given)
let completed = 0

const begin = () => {
  const order = orders[pass++]
  if (order === undefined) {
    return report(meter.sample)
  }
  completed = 0
  meter = new Meter(order)
  child.stdin.write(Raw.turns(order, ids))
}

let rest = ""
child.stdout.setEncoding("utf8")
child.stdout.on("data", (chunk: string) => {
  const lines = (rest + chunk).split("\n")
  rest = lines.pop() ?? ""
  meter.woke()
  for (let i = 0; i < lines.length; i++) {
    const message = JSON.parse(lines[i] ?? "")
    if (message.method === "item/agentMessage/delta") {
      meter.saw()
    } else if (message.method === "turn/completed" && ++completed === given.turns) {
      begin()
    }
  }
})
child.stdin.write(Raw.handshake + Raw.threads(given.turns))
begin()
