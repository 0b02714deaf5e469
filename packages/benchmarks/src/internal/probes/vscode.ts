/** `vscode-jsonrpc` with a reader of lines, since its own reads headers. */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  type Disposable,
  type Message
} from "vscode-jsonrpc/node"
import { threadId } from "../server/wire.js"
import { Meter, type Params, params, passes, report } from "./probe.js"
import * as Raw from "./raw.js"

class LineReader extends AbstractMessageReader {
  readonly #stdout: Raw.Child["stdout"]
  constructor(stdout: Raw.Child["stdout"]) {
    super()
    this.#stdout = stdout
  }
  override listen(callback: DataCallback): Disposable {
    let rest = ""
    const onData = (chunk: string) => {
      const lines = (rest + chunk).split("\n")
      rest = lines.pop() ?? ""
      for (const line of lines) {
        callback(JSON.parse(line))
      }
    }
    this.#stdout.setEncoding("utf8").on("data", onData)
    return { dispose: () => this.#stdout.off("data", onData) }
  }
}

class LineWriter extends AbstractMessageWriter {
  readonly #stdin: Raw.Child["stdin"]
  constructor(stdin: Raw.Child["stdin"]) {
    super()
    this.#stdin = stdin
  }
  write(message: Message): Promise<void> {
    return new Promise((resolve) => this.#stdin.write(`${JSON.stringify(message)}\n`, () => resolve()))
  }
  end(): void {
    this.#stdin.end()
  }
}

const given = params<Params>()
const child = Raw.start()
const connection = createMessageConnection(new LineReader(child.stdout), new LineWriter(child.stdin))

let meter = new Meter()
let completed = 0
let onCompleted = () => {}
connection.onNotification("item/agentMessage/delta", ({ delta }: { readonly delta: string }) => meter.saw(delta))
connection.onNotification("turn/completed", () => {
  if (++completed === given.turns) {
    onCompleted()
  }
})
connection.listen()

const main = async () => {
  await connection.sendRequest("initialize", { clientInfo: { name: "raw", title: null, version: "0" } })
  await connection.sendNotification("initialized")
  const ids = Array.from({ length: given.turns }, (_, index) => threadId(index))
  for (const _ of ids) {
    await connection.sendRequest("thread/start", {})
  }
  for (const order of passes(given)) {
    completed = 0
    const done = new Promise<void>((resolve) => {
      onCompleted = resolve
    })
    meter = new Meter()
    for (const threadId of ids) {
      await connection.sendRequest("turn/start", { threadId, input: [{ type: "text", text: JSON.stringify(order) }] })
    }
    await done
  }
  report(meter.end())
}

await main()
