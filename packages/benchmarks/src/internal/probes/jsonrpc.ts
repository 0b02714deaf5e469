/** A connection of `vscode-jsonrpc` over lines, since its own reader and writer have headers. */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageConnection
} from "vscode-jsonrpc/node"
import type * as Raw from "./raw.js"

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
    this.#stdin.write(`${JSON.stringify(message)}\n`)
    return Promise.resolve()
  }
  end(): void {
    this.#stdin.end()
  }
}

/** A connection that listens and has shaken hands, once `prepare` has set its handlers. */
export const connect = async (
  { stdin, stdout }: Raw.Child,
  prepare: (connection: MessageConnection) => void
): Promise<MessageConnection> => {
  const connection = createMessageConnection(new LineReader(stdout), new LineWriter(stdin))
  prepare(connection)
  connection.listen()
  await connection.sendRequest("initialize", { clientInfo: { name: "raw", title: null, version: "0" } })
  await connection.sendNotification("initialized")
  return connection
}
