/** The least that a client of the app-server can be. */
import { type ChildProcessByStdio, spawn } from "node:child_process"
import type { Readable, Writable } from "node:stream"
import type { Order } from "../server/wire.js"
import { serverFile } from "./probe.js"

export type Child = ChildProcessByStdio<Writable, Readable, null>

/** The app-server of the benchmarks, as the SDK starts it. */
export const start = (): Child => spawn(process.execPath, [serverFile], { stdio: ["pipe", "pipe", "inherit"] })

const line = (message: unknown) => `${JSON.stringify(message)}\n`

export const handshake: string = line({
  id: 0,
  method: "initialize",
  params: { clientInfo: { name: "raw", title: null, version: "0" }, capabilities: null }
}) + line({ method: "initialized" })

/** Opens as many threads as there are turns. */
export const threads = (count: number): string =>
  Array.from({ length: count }, () => line({ id: 1, method: "thread/start", params: {} })).join("")

/** Starts a batch of turns, one on each thread. */
export const turns = (order: Order, ids: ReadonlyArray<string>): string =>
  ids.map((threadId) =>
    line({
      id: 2,
      method: "turn/start",
      params: { threadId, input: [{ type: "text", text: JSON.stringify(order), text_elements: [] }] }
    })
  ).join("")

/** Tells the server that the client is warm. */
export const warm: string = line({ id: 3, method: "thread/loaded/list", params: {} })
