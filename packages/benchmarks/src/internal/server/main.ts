/**
 * An app-server that does nothing but what is measured: the handshake, threads and turns, and then as many deltas as the
 * text of the turns orders (see `Order`), made before the first of them is written. It ends when its stdin does.
 */
import { writeSync } from "node:fs"
import * as Wire from "./wire.js"

const chunkSize = 64 * 1024

const nap = new Int32Array(new SharedArrayBuffer(4))

/** Blocks without using the processor, since the client's is measured. */
const sleep = (milliseconds: number) => Atomics.wait(nap, 0, 0, milliseconds)

const write = (bytes: Buffer, size = bytes.length) => {
  for (let from = 0; from < bytes.length;) {
    from += writeSync(1, bytes, from, Math.min(size, bytes.length - from))
  }
}

const say = (text: string) => write(Buffer.from(text))

/** From the answer to the last start to the first delta, so that what was asked for has settled. */
const settling = 20

interface Batch {
  readonly order: Wire.Order
  readonly turns: Array<Wire.Started>
}

const bodyOf = ({ order, turns }: Batch): ReadonlyArray<Buffer> => {
  const active = turns.slice(0, order.active ?? turns.length)
  const of = (n: number) => {
    const turn = active[n % active.length]
    return turn === undefined ? "" : Wire.delta(turn, n)
  }
  const lines = Array.from({ length: order.deltas }, (_, n) => of(n))
  return order.pause === undefined ? [Buffer.from(lines.join(""))] : lines.map((line) => Buffer.from(line))
}

const run = (batch: Batch, last: string) => {
  const body = bodyOf(batch)
  say(last)
  say(batch.turns.map(Wire.turnStarted).join(""))
  sleep(settling)
  for (const part of body) {
    write(part, chunkSize)
    if (batch.order.pause !== undefined) {
      sleep(batch.order.pause)
    }
  }
  say(batch.turns.map(Wire.turnCompleted).join(""))
}

let threads = 0
let turns = 0
let batch: Batch | undefined

const onMessage = (message: {
  readonly id?: unknown
  readonly method?: unknown
  readonly params?: { readonly threadId: string; readonly input: ReadonlyArray<{ readonly text: string }> }
}) => {
  const { id, method, params } = message
  switch (method) {
    case "initialize":
      return say(Wire.initializeAnswer(id))
    case "thread/start":
      return say(Wire.threadAnswer(id, Wire.threadId(threads++)))
    case "turn/start": {
      const started = { thread: params?.threadId ?? "", index: turns++ }
      batch ??= { order: JSON.parse(params?.input[0]?.text ?? "") as Wire.Order, turns: [] }
      batch.turns.push(started)
      const answer = Wire.turnAnswer(id, started)
      if (batch.turns.length < batch.order.turns) {
        return say(answer)
      }
      const complete = batch
      batch = undefined
      return run(complete, answer)
    }
    default:
      if (id !== undefined) {
        say(Wire.answer(id, { data: [] }))
      }
  }
}

let rest = ""
process.stdin.setEncoding("utf8")
process.stdin.on("data", (chunk: string) => {
  const lines = (rest + chunk).split("\n")
  rest = lines.pop() ?? ""
  for (const text of lines) {
    onMessage(JSON.parse(text))
  }
})
