/** A client of promises over lines: requests by id, notifications to a callback, and nothing that anyone could leave out. */
import type * as Raw from "./raw.js"

export interface RawClient {
  readonly request: (method: string, params?: unknown) => Promise<unknown>
  readonly notify: (method: string) => void
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly result?: unknown
}

export const make = ({ stdin, stdout }: Raw.Child, onNotification: (message: Message) => void): RawClient => {
  const pending = new Map<number | undefined, (result: unknown) => void>()
  let lastId = 0
  let rest = ""
  stdout.setEncoding("utf8")
  stdout.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) {
      const message: Message = JSON.parse(line)
      if (message.method !== undefined) {
        onNotification(message)
      } else {
        pending.get(message.id)?.(message.result)
        pending.delete(message.id)
      }
    }
  })
  const write = (message: unknown) => stdin.write(`${JSON.stringify(message)}\n`)
  return {
    request: (method, params = {}) =>
      new Promise((resolve) => {
        const id = lastId++
        pending.set(id, resolve)
        write({ id, method, params })
      }),
    notify: (method) => write({ method })
  }
}

/** The handshake. */
export const initialize = async (client: RawClient): Promise<void> => {
  await client.request("initialize", { clientInfo: { name: "raw", title: null, version: "0" }, capabilities: null })
  client.notify("initialized")
}
