import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import * as Stream from "effect/Stream"
import { type ChildProcess, spawn } from "node:child_process"
import { createRequire } from "node:module"
import * as path from "node:path"
import { createInterface } from "node:readline"
import * as TemporaryCodexHome from "../src/TemporaryCodexHome.js"

/** A member of a JSON value, however deep. */
export const at = (value: unknown, ...keys: ReadonlyArray<string>): unknown =>
  keys.reduce<unknown>(
    (current, key) =>
      typeof current === "object" && current !== null && key in current ? Reflect.get(current, key) : undefined,
    value
  )

export interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: unknown
}

const launcher = path.join(
  path.dirname(createRequire(import.meta.url).resolve("@openai/codex/package.json")),
  "bin/codex.js"
)

const exit = (child: ChildProcess) =>
  Effect.async<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      return resume(Effect.void)
    }
    child.once("exit", () => resume(Effect.void))
  })

/** The real app-server in the temporary home, spoken to in raw JSON lines. */
export const start = Effect.gen(function*() {
  const home = yield* TemporaryCodexHome.TemporaryCodexHome
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, [launcher, "app-server"], {
        cwd: home.cwd,
        env: { ...process.env, CODEX_HOME: home.codexHome },
        stdio: ["pipe", "pipe", "ignore"]
      })
    ),
    (child) =>
      Effect.sync(() => child.stdin.end()).pipe(
        Effect.zipRight(Effect.interruptible(exit(child))),
        Effect.timeoutTo({
          duration: "5 seconds",
          onSuccess: () => undefined,
          onTimeout: () => child.kill("SIGKILL")
        })
      )
  )
  const messages = yield* Mailbox.make<Message>()
  const pending = new Map<number, Deferred.Deferred<Message>>()
  createInterface({ input: child.stdout }).on("line", (line) => {
    const message: Message = JSON.parse(line)
    const waiting = message.id === undefined ? undefined : pending.get(message.id)
    if (waiting !== undefined && message.method === undefined) {
      Deferred.unsafeDone(waiting, Effect.succeed(message))
    } else {
      messages.unsafeOffer(message)
    }
  })
  const send = (message: object) => Effect.sync(() => child.stdin.write(`${JSON.stringify(message)}\n`))

  let lastId = 0
  const request = (method: string, params: object) =>
    Effect.gen(function*() {
      const id = ++lastId
      const answer = yield* Deferred.make<Message>()
      pending.set(id, answer)
      yield* send({ id, method, params })
      const message = yield* Deferred.await(answer)
      return message.error === undefined
        ? message.result
        : yield* Effect.dieMessage(`${method}: ${JSON.stringify(message.error)}`)
    })

  /** What the server sends unasked, up to the `count`th message of this method. */
  const until = (method: string, count = 1) => {
    let seen = 0
    return Stream.runCollect(Stream.takeUntil(
      Mailbox.toStream(messages),
      (message) => message.method === method && ++seen === count
    )).pipe(Effect.map((chunk) => [...chunk]))
  }

  const startThread = Effect.map(
    request("thread/start", { cwd: home.cwd }),
    (result) => String(at(result, "thread", "id"))
  )
  const startTurn = (threadId: string, text: string) =>
    Effect.map(
      request("turn/start", { threadId, input: [{ type: "text", text }] }),
      (result) => String(at(result, "turn", "id"))
    )

  yield* request("initialize", {
    clientInfo: { name: "t", title: null, version: "0" },
    capabilities: { experimentalApi: true }
  })
  yield* send({ method: "initialized" })
  return { request, startThread, startTurn, until }
})

/** The params of every message of this method, in order. */
export const paramsOf = (messages: ReadonlyArray<Message>, method: string): ReadonlyArray<unknown> =>
  messages.filter((message) => message.method === method).map((message) => message.params)
