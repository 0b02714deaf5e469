/**
 * An app-server that does nothing but what is measured: the handshake, threads and turns, and then what the text of the
 * turns orders (see `Order`). It ends when its stdin does.
 */
import { writeSync } from "node:fs"
import * as Wire from "./wire.js"

const chunkSize = 64 * 1024

const nap = new Int32Array(new SharedArrayBuffer(4))

/** Blocks without using the processor, since the client's is measured. */
const sleep = (milliseconds: number) => Atomics.wait(nap, 0, 0, milliseconds)

const write = (bytes: Buffer, size = bytes.length) => {
  for (let from = 0; from < bytes.length;) {
    try {
      from += writeSync(1, bytes, from, Math.min(size, bytes.length - from))
    } catch {
      // The client has what it wanted, and is gone.
      process.exit(0)
    }
  }
}

const say = (text: string) => write(Buffer.from(text))

interface Batch {
  readonly order: Wire.Order
  readonly turns: Array<Wire.Started>
}

/** How long a client may need for what comes with the start of so many turns. */
const settlingOf = ({ settling, turns }: Wire.Order) => settling ?? 20 + turns / 10

const word = (n: number) => ` w${n % 1_000}`

const bodyOf = ({ order, turns }: Batch, from: number, to: number): ReadonlyArray<Buffer> => {
  const active = turns.slice(0, order.active ?? turns.length)
  const of = (n: number) => {
    const turn = active[n % active.length]
    return turn === undefined ? "" : Wire.delta(turn, word(n))
  }
  const lines = Array.from({ length: to - from }, (_, i) => of(from + i))
  return order.pause === undefined ? [Buffer.from(lines.join(""))] : lines.map((line) => Buffer.from(line))
}

const tell = (body: ReadonlyArray<Buffer>, pause: number | undefined) => {
  for (const part of body) {
    write(part, chunkSize)
    if (pause !== undefined) {
      sleep(pause)
    }
  }
}

const flood = ({ order: { deltas, flood = 0, pause = 1 }, turns: [first, ...others] }: Batch) => {
  const body = Buffer.from(first === undefined ? "" : Wire.delta(first, word(0)).repeat(flood))
  for (let n = 0; n < deltas; n++) {
    write(body)
    sleep(pause / 2)
    const turn = others[n % others.length]
    if (turn !== undefined) {
      say(Wire.delta(turn, String(Wire.clock())))
    }
    sleep(pause / 2)
  }
}

/** What is still to be done for a batch, once the client is warm. */
let onWarm = () => {}

const run = (batch: Batch, last: string) => {
  const { deltas, flood: flooding, pause, warmUp = 0 } = batch.order
  // Made before the answer, so that the client does not wait for it in what is measured.
  const warming = flooding === undefined ? bodyOf(batch, 0, warmUp) : []
  const body = flooding === undefined ? bodyOf(batch, warmUp, deltas) : []
  say(last)
  sleep(settlingOf(batch.order))
  tell(warming, pause)
  onWarm = () => {
    onWarm = () => {}
    if (flooding === undefined) {
      tell(body, pause)
    } else {
      flood(batch)
    }
    say(batch.turns.map(Wire.turnCompleted).join(""))
  }
  if (warmUp === 0) {
    onWarm()
  }
}

/** Some clients put words of their own around it. */
const orderOf = (text: string): Wire.Order => JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1))

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
      batch ??= { order: orderOf(params?.input[0]?.text ?? ""), turns: [] }
      batch.turns.push(started)
      const answer = Wire.turnAnswer(id, started) + Wire.turnStarted(started)
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
      if (method === "thread/loaded/list" || method === "model/list") {
        onWarm()
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
