import * as Transport from "@effect-codex/sdk/Transport"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as Fs from "node:fs"
import * as MemoryTransport from "../src/MemoryTransport.js"
import * as Transcript from "../src/Transcript.js"
import { temporaryFile } from "./transcripts.js"

const settle = TestClock.adjust(0)

/** Both ends of a transport that is recorded; `close` closes its Layer and answers what is in the file. */
const recording = (
  options: Transcript.RecordOptions = {},
  fs: Layer.Layer<FileSystem.FileSystem> = NodeFileSystem.layer
) =>
  Effect.gen(function*() {
    const path = yield* temporaryFile
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
    const pair = yield* Layer.buildWithScope(MemoryTransport.layerPair, scope)
    const context = yield* Layer.buildWithScope(Transcript.record(path, options), scope).pipe(
      Effect.provide(Layer.merge(Layer.succeedContext(pair), fs))
    )
    const transport = Context.get(context, Transport.Transport)
    const server = Context.get(pair, MemoryTransport.Server)
    const run = yield* Effect.fork(transport.run(() => {}))
    yield* settle
    return {
      path,
      run,
      server,
      transport,
      status: Context.get(context, Transcript.Recording).status,
      send: (message: unknown) => transport.send(JSON.stringify(message)),
      close: Effect.zipRight(
        Scope.close(scope, Exit.void),
        Effect.sync(() => Fs.readFileSync(path, "utf8"))
      )
    }
  })

/** The client's end of a transcript that has these lines, and what it has been told. */
const replaying = (lines: ReadonlyArray<unknown>, options?: Transcript.ReplayOptions) =>
  Effect.gen(function*() {
    const path = yield* write(lines.map((line) => `${JSON.stringify(line)}\n`).join(""))
    const context = yield* Layer.build(Transcript.replay(path, options)).pipe(Effect.provide(NodeFileSystem.layer))
    const transport = Context.get(context, Transport.Transport)
    const told: Array<unknown> = []
    const run = yield* Effect.fork(transport.run((frames) => {
      told.push(...frames.map((frame): unknown => JSON.parse(frame)))
    }))
    const { finished, unused } = Context.get(context, Transcript.Replay)
    return {
      path,
      run,
      told,
      finished,
      unused,
      send: (message: unknown) => Effect.zipRight(transport.send(JSON.stringify(message)), settle)
    }
  })

const write = (text: string) => Effect.tap(temporaryFile, (path) => Effect.sync(() => Fs.writeFileSync(path, text)))

const header = { "effect-codex-transcript": 1, sdk: "0.0.0", recordedAt: "2026-01-01T00:00:00.000Z" }
const out = (frame: unknown, ms = 0) => ({ ms, direction: "out", frame })
const incoming = (frame: unknown, ms = 0) => ({ ms, direction: "in", frame })
const closed = { ms: 9, end: { reason: "LayerClosed" } }

const messageOf = <E extends Error>(effect: Effect.Effect<unknown, E>) =>
  Effect.map(Effect.flip(effect), ({ message }) => message)

/** What the transport of a replay ended with. */
const causeOf = (fiber: Fiber.RuntimeFiber<Transport.TransportEnd>) =>
  Effect.map(Fiber.join(fiber), ({ cause, reason }) => [reason, cause instanceof Error ? cause.message : cause])

describe("a recording", () => {
  it.scoped("is one JSON object a line, from its version to how it ended, for its owner only", () =>
    Effect.gen(function*() {
      const { close, path, send, server, transport } = yield* recording()
      yield* send({ id: 1, method: "model/list" })
      yield* TestClock.adjust("5 millis")
      yield* server.respond(1, { data: [] })
      yield* server.sendFrames(["no JSON"])
      yield* transport.send("no JSON either")
      assert.deepStrictEqual(
        (yield* close).split("\n").filter((line) => line !== "").map((line): unknown => JSON.parse(line)),
        [
          { "effect-codex-transcript": 1, sdk: "0.0.0", recordedAt: "1970-01-01T00:00:00.000Z" },
          { ms: 0, direction: "out", frame: { id: 1, method: "model/list" } },
          { ms: 5, direction: "in", frame: { id: 1, result: { data: [] } } },
          { ms: 5, direction: "in", text: "no JSON" },
          { ms: 5, direction: "out", text: "no JSON either" },
          { ms: 5, end: { reason: "LayerClosed" } }
        ]
      )
      assert.strictEqual(Fs.statSync(path).mode & 0o777, 0o600)
    }))

  it.scoped("takes the place of the one before it, which others could read", () =>
    Effect.gen(function*() {
      const path = yield* write("something\n".repeat(1_000))
      Fs.chmodSync(path, 0o644)
      yield* Layer.build(Transcript.record(path)).pipe(
        Effect.provide(Layer.merge(MemoryTransport.layerPair, NodeFileSystem.layer)),
        Effect.scoped
      )
      assert.strictEqual(Fs.readFileSync(path, "utf8").split("\n").length, 3)
      assert.strictEqual(Fs.statSync(path).mode & 0o777, 0o600)
    }))

  it.scoped("says how the transport ended", () =>
    Effect.gen(function*() {
      const { close, path, run, server } = yield* recording()
      yield* server.end(Transport.end("Exited", { exitCode: 101, stderrTail: "OPENAI_API_KEY=abc panicked" }))
      yield* Fiber.join(run)
      yield* close
      const { end } = yield* Transcript.read(path).pipe(Effect.provide(NodeFileSystem.layer))
      assert.deepStrictEqual(
        end,
        Transport.end("Exited", { exitCode: 101, stderrTail: "OPENAI_API_KEY=[redacted] panicked" })
      )
    }))

  it.scoped("does not have what could not be sent", () =>
    Effect.gen(function*() {
      const { close, path, send, server } = yield* recording()
      yield* server.failSends
      assert.isTrue(Exit.isFailure(yield* Effect.exit(send({ id: 1, method: "model/list" }))))
      yield* close
      const { frames } = yield* Transcript.read(path).pipe(Effect.provide(NodeFileSystem.layer))
      assert.deepStrictEqual(frames, [])
    }))

  const secrets: ReadonlyArray<readonly [string, unknown]> = [
    ["the key of a login", {
      id: 1,
      method: "account/login/start",
      params: { type: "apiKey", apiKey: "s3cret-value" }
    }],
    ["tokens of a login", {
      id: 1,
      method: "account/login/start",
      params: { accessToken: "s3cret-value", chatgptAccountId: "s3cret-value" }
    }],
    ["a refreshed token", { id: 1, result: { accessToken: "s3cret-value" } }],
    ["headers", { method: "x", params: { headers: { Authorization: "s3cret-value", "x-api-key": "s3cret-value" } } }],
    ["headers as pairs", { method: "x", params: [{ name: "Authorization", value: "s3cret-value" }] }],
    ["an edit of the configuration", {
      method: "config/value/write",
      params: { keyPath: "mcp.docs.bearer_token", value: "s3cret-value" }
    }],
    ["the environment of a command", { method: "x", params: { env: { MY_SECRET: "s3cret-value", PATH: "/bin" } } }],
    ["bearers in text", { method: "x", params: { text: "curl -H 'Authorization: Bearer s3cret-value'" } }],
    ["variables in text", { method: "x", params: { text: "export API_KEY=s3cret-value; ls" } }],
    ["keys in text", { method: "x", params: { text: "it is sk-s3cret-value." } }],
    ["passwords of addresses", { method: "x", params: { text: "git clone https://me:s3cret-value@host/x" } }],
    ["mail addresses", { method: "x", params: { account: { type: "chatgpt", email: "s3cret-value@host" } } }],
    ["links that log in", { id: 1, result: { authUrl: "https://host/?state=s3cret-value" } }],
    ["output in Base64", { method: "x", params: { deltaBase64: btoa("TOKEN=s3cret-value") } }],
    ["what is no message", "TOKEN=s3cret-value"]
  ]

  for (const [what, message] of secrets) {
    it.scoped(`has no secrets: ${what}`, () =>
      Effect.gen(function*() {
        const { close, server } = yield* recording()
        yield* typeof message === "string" ? server.sendFrames([message]) : server.send(message)
        const text = yield* close
        assert.notInclude(text, "s3cret-value")
        assert.notInclude(text, btoa("TOKEN=s3cret-value"))
        assert.match(text, /\[redacted\]|W3JlZGFjdGVkX/)
      }))
  }

  it.scoped("has no secrets: what was one once, or is told to be one, wherever it stands", () =>
    Effect.gen(function*() {
      const { close, send, server, transport } = yield* recording({ secrets: [Redacted.make("given-value")] })
      yield* send({ id: 1, method: "account/login/start", params: { type: "apiKey", apiKey: "login-value" } })
      transport.conceal?.([Redacted.make("told-value")])
      yield* server.notify("warning", { threadId: "t", message: "not login-value, told-value or given-value" })
      assert.include(yield* close, "not [redacted], [redacted] or [redacted]")
    }))

  it.scoped("has no secrets: the answer to a secret question", () =>
    Effect.gen(function*() {
      const { close, send, server } = yield* recording()
      yield* server.send({
        id: 0,
        method: "item/tool/requestUserInput",
        params: { questions: [{ id: "pin", isSecret: true }, { id: "name", isSecret: false }] }
      })
      yield* send({ id: 0, result: { answers: { pin: { answers: ["4711"] }, name: { answers: ["Ada"] } } } })
      yield* server.notify("warning", { threadId: "t", message: "4711" })
      const text = yield* close
      assert.notInclude(text, "4711")
      assert.include(text, "Ada")
    }))

  it.scoped("has the names of folders in place of their paths", () =>
    Effect.gen(function*() {
      const { close, server } = yield* recording({ folders: { home: "/home/ada", work: "/home/ada/work" } })
      yield* server.send({ id: 1, result: { userAgent: "x/1.2.3 (y)", codexHome: "/srv/codex" } })
      yield* server.send({ method: "x", params: ["/home/ada", "cd /home/ada/work/a", "/home/adam", "/srv/codex/b"] })
      assert.include(yield* close, "[\"{{home}}\",\"cd {{work}}/a\",\"/home/adam\",\"{{codexHome}}/b\"]")
    }))

  it.scoped("is as a function of the user leaves it", () =>
    Effect.gen(function*() {
      const { close, send } = yield* recording({ redact: (_frame, direction) => ({ method: `some ${direction}` }) })
      yield* send({ id: 1, method: "secret" })
      assert.include(yield* close, "{\"ms\":0,\"direction\":\"out\",\"frame\":{\"method\":\"some out\"}}")
    }))

  it.scoped("stops where a function of the user throws, while the program goes on", () =>
    Effect.gen(function*() {
      const { close, send, server, status } = yield* recording({
        redact: () => {
          throw new Error("no")
        }
      })
      yield* send({ id: 1, method: "one" })
      assert.lengthOf(yield* server.takeAll, 1)
      yield* close
      assert.strictEqual(Option.getOrNull((yield* status).stopped), "`redact` threw: Error: no")
    }))

  it.scoped("stops at its limit, while the program goes on", () =>
    Effect.gen(function*() {
      const { close, path, send, server, status } = yield* recording({ maxBytes: 1_000 })
      yield* send({ id: 1, method: "one" })
      yield* send({ id: 2, method: "x".repeat(1_000) })
      yield* send({ id: 3, method: "three" })
      assert.lengthOf(yield* server.takeAll, 3)
      assert.isAtMost((yield* close).length, 1_000)
      const { bytes, leftOut, stopped } = yield* status
      assert.isAtMost(bytes, 1_000)
      assert.deepStrictEqual([leftOut, Option.getOrNull(stopped)], [
        2,
        "it has reached its limit of 1000 bytes (`maxBytes`)"
      ])
      const { end, frames } = yield* Transcript.read(path).pipe(Effect.provide(NodeFileSystem.layer))
      assert.deepStrictEqual(frames.map(({ frame }) => frame), [{ id: 1, method: "one" }])
      assert.deepStrictEqual(end, { reason: "Stopped", detail: "it has reached its limit of 1000 bytes (`maxBytes`)" })
    }))

  const full = new SystemError({
    reason: "Unknown",
    module: "FileSystem",
    method: "write",
    description: "the disk is full"
  })

  /** A disk that is full from the second write on, and says when the first one is done. */
  const fullDisk = (written: Effect.Effect<unknown>) =>
    Layer.effect(
      FileSystem.FileSystem,
      Effect.map(FileSystem.FileSystem, (fs) => ({
        ...fs,
        open: (...args: Parameters<typeof fs.open>) =>
          Effect.map(fs.open(...args), (file) => {
            let writes = 0
            return {
              ...file,
              writeAll: (bytes: Uint8Array) =>
                writes++ === 0 ? Effect.tap(file.writeAll(bytes), written) : Effect.fail(full)
            }
          })
      }))
    ).pipe(Layer.provide(NodeFileSystem.layer))

  it.scoped("that cannot be written any more warns once, and the program goes on", () =>
    Effect.gen(function*() {
      const logged: Array<unknown> = []
      const logger = Logger.make(({ logLevel, message }) => {
        logged.push([logLevel.label, message])
      })
      const written = yield* Effect.makeLatch()
      yield* Effect.gen(function*() {
        const { close, send, server, status } = yield* recording({}, fullDisk(written.open))
        yield* written.await
        yield* Effect.forEach([1, 2, 3], (id) => Effect.zipRight(send({ id, method: "m" }), settle))
        assert.lengthOf(yield* server.takeAll, 3)
        yield* close
        assert.strictEqual(
          Option.getOrThrow((yield* status).stopped),
          "the file cannot be written: Unknown: FileSystem.write: the disk is full"
        )
      }).pipe(Effect.provide(Logger.add(logger)))
      assert.deepStrictEqual(logged, [[
        "WARN",
        [
          "the recording has stopped, and the program goes on: " +
          "the file cannot be written: Unknown: FileSystem.write: the disk is full"
        ]
      ]])
    }))

  it.scoped("that cannot be opened fails the Layer, with what to do", () =>
    Effect.gen(function*() {
      const path = `${yield* temporaryFile}/none/transcript.jsonl`
      const error = yield* Layer.build(Transcript.record(path)).pipe(
        Effect.provide(Layer.merge(MemoryTransport.layerPair, NodeFileSystem.layer)),
        Effect.flip
      )
      assert.deepStrictEqual([error._tag, error.reason, error.path], ["TranscriptError", "Open", path])
      assert.include(error.message, "cannot be written")
    }))
})

const asks = (id: number, method: string, params: unknown = {}) => ({ id, method, params })
const answers = (id: number, result: unknown = {}) => ({ id, result })

describe("a replay", () => {
  it.scoped("answers under the ids that the program has given", () =>
    Effect.gen(function*() {
      const { finished, send, told } = yield* replaying([header, out(asks(1, "a")), incoming(answers(1)), closed])
      yield* send(asks(77, "a"))
      yield* finished
      assert.deepStrictEqual(told, [answers(77)])
    }))

  it.scoped("takes what is independent in any order, and tells what it was told in the recorded one", () =>
    Effect.gen(function*() {
      const { finished, send, told } = yield* replaying([
        header,
        out(asks(1, "a", { of: 1 })),
        incoming(answers(1, "first")),
        out(asks(2, "a", { of: 2 })),
        incoming(answers(2, "second")),
        closed
      ])
      yield* send(asks(1, "a", { of: 2 }))
      assert.deepStrictEqual(told, [])
      yield* send(asks(2, "a", { of: 1 }))
      assert.deepStrictEqual(told, [answers(2, "first"), answers(1, "second")])
      yield* finished
    }))

  it.scoped("does not compare the version of the client, the trace context, what was taken out and what is ignored", () =>
    Effect.gen(function*() {
      const { finished, send } = yield* replaying([
        header,
        out(asks(1, "initialize", { clientInfo: { name: "n", version: "1" } })),
        out(asks(2, "account/login/start", { apiKey: "[redacted]" })),
        out({ ...asks(3, "a", { cwd: "/there", text: "key [redacted] in {{work}}/x" }), trace: { traceparent: "1" } }),
        closed
      ], { folders: { work: "/here" }, ignore: ["params.cwd"] })
      yield* send({
        ...asks(1, "initialize", { clientInfo: { name: "n", version: "2" } }),
        trace: { traceparent: "2" }
      })
      yield* send(asks(2, "account/login/start", { apiKey: "another" }))
      yield* send(asks(3, "a", { cwd: "/elsewhere", text: "key of mine in /here/x" }))
      yield* finished
    }))

  it.scoped("puts the folders of its own place for their names", () =>
    Effect.gen(function*() {
      const { told, send } = yield* replaying([
        header,
        out(asks(1, "a")),
        incoming(answers(1, { cwd: "{{work}}/src", other: "{{unknown}}" })),
        closed
      ], { folders: { work: "/here" } })
      yield* send(asks(1, "a"))
      assert.deepStrictEqual(told, [answers(1, { cwd: "/here/src", other: "{{unknown}}" })])
    }))

  it.scoped("ends at what was not sent then, and says what comes next", () =>
    Effect.gen(function*() {
      const { path, run, send } = yield* replaying([header, out(asks(1, "a", { x: 1 })), closed])
      assert.strictEqual(yield* messageOf(send(asks(1, "b", { y: 2 }))), `The replay of ${path} has ended.`)
      assert.deepStrictEqual(yield* causeOf(run), [
        "Failed",
        [
          `The program sent b {"y":2}, which was not sent, or not that often, when ${path} was recorded.`,
          "Line 2 comes next: a {\"x\":1}",
          "If the program is meant to do so, record the transcript again"
        ].join("\n")
      ])
    }))

  it.scoped("ends at what is sent once too often", () =>
    Effect.gen(function*() {
      const { path, run, send } = yield* replaying([header, out(asks(1, "a")), closed])
      yield* send(asks(1, "a"))
      yield* Effect.exit(send(asks(2, "a")))
      assert.deepStrictEqual(
        (yield* causeOf(run))[1],
        [
          `The program sent a {}, but all that was sent when ${path} was recorded has been sent.`,
          "If the program is meant to do so, record the transcript again"
        ].join("\n")
      )
    }))

  it.scoped("shows each member that differs, of the request that is nearest", () =>
    Effect.gen(function*() {
      const { path, run, send } = yield* replaying([
        header,
        out(asks(1, "a", { of: 1, list: [1, 2], gone: true })),
        out(asks(2, "a", { of: 2, list: [], "odd name": 3, other: 1 })),
        closed
      ])
      yield* Effect.exit(send(asks(1, "a", { of: 1, list: [1, 3], here: { x: null } })))
      assert.deepStrictEqual(
        (yield* causeOf(run))[1],
        [
          `The program sent a otherwise than in line 2 of ${path}:`,
          "  params.list[1]",
          "    recorded: 2",
          "    sent:     3",
          "  params.gone",
          "    recorded: true",
          "    sent:     nothing",
          "  params.here",
          "    recorded: nothing",
          "    sent:     {\"x\":null}",
          "If the program is meant to do so, record the transcript again"
        ].join("\n")
      )
    }))

  it.scoped("that is not over says what is left", () =>
    Effect.gen(function*() {
      const { finished, path, send, unused } = yield* replaying([
        header,
        out(asks(1, "a")),
        incoming(answers(1)),
        out(asks(2, "b", { x: 1 })),
        incoming(answers(2)),
        closed
      ])
      yield* send(asks(1, "a"))
      assert.strictEqual(
        yield* messageOf(finished),
        [
          `The program has not sent all that it sent when ${path} was recorded:`,
          "  line 4: b {\"x\":1}",
          "If the program is meant to do so, record the transcript again"
        ].join("\n")
      )
      assert.deepStrictEqual(yield* unused, [{ line: 4, ms: 0, direction: "out", frame: asks(2, "b", { x: 1 }) }])
    }))

  it.scoped("ends as the transport did", () =>
    Effect.gen(function*() {
      const { run, send } = yield* replaying([
        header,
        out(asks(1, "a")),
        { ms: 1, end: { reason: "Exited", exitCode: 101, signal: null, stderrTail: "panicked" } }
      ])
      yield* send(asks(1, "a"))
      assert.deepStrictEqual(yield* Fiber.join(run), Transport.end("Exited", { exitCode: 101, stderrTail: "panicked" }))
    }))

  it.scoped("of a recording that was cut off or stopped ends readably there", () =>
    Effect.gen(function*() {
      const cut = yield* replaying([header, out(asks(1, "a")), incoming(answers(1))])
      yield* cut.send(asks(1, "a"))
      assert.deepStrictEqual(yield* causeOf(cut.run), [
        "Failed",
        `${cut.path} ends with line 3: its recording was cut off there; record it again to go on from there`
      ])
      assert.deepStrictEqual(cut.told, [answers(1)])
      const stopped = yield* replaying([header, out(asks(1, "a")), { ms: 1, stopped: "it was too long" }])
      yield* stopped.send(asks(1, "a"))
      assert.deepStrictEqual(yield* causeOf(stopped.run), [
        "Failed",
        `${stopped.path} ends with line 3: its recording was stopped: it was too long; record it again to go on from there`
      ])
    }))

  it.scoped("of a file whose last line is half there goes on to the line before", () =>
    Effect.gen(function*() {
      const whole = [header, out(asks(1, "a"))].map((line) => `${JSON.stringify(line)}\n`).join("")
      const path = yield* write(`${whole}{"ms":3,"direction":"in","fra`)
      const { end, frames } = yield* Transcript.read(path).pipe(Effect.provide(NodeFileSystem.layer))
      assert.deepStrictEqual(frames.map(({ frame }) => frame), [asks(1, "a")])
      assert.isUndefined(end)
    }))

  const refused: ReadonlyArray<readonly [string, string, string]> = [
    [
      "a newer version",
      "{\"effect-codex-transcript\":2}\n",
      "The transcript is of version 2, and this release reads up to 1. Update @effect-codex/testing, or record the " +
      "transcript again with the release that is installed."
    ],
    ["another file", "{\"name\":\"x\"}\n", "Line 1 is not the first of a transcript. Record the transcript again."],
    ["an empty file", "", "Line 1 is not the first of a transcript. Record the transcript again."],
    ["no JSON", "hello\n", "Line 1 is no JSON object. Record the transcript again."],
    [
      "a line that is none",
      "{\"effect-codex-transcript\":1}\n{\"direction\n{}\n",
      "Line 2 is no JSON object. Record the transcript again."
    ],
    [
      "a frame without a direction",
      "{\"effect-codex-transcript\":1}\n{\"direction\":\"up\",\"frame\":{}}\n",
      "Line 2 has no direction or no frame. Record the transcript again."
    ]
  ]

  for (const [what, text, detail] of refused) {
    it.scoped(`refuses ${what}, and says what to do`, () =>
      Effect.gen(function*() {
        const path = yield* write(text)
        const error = yield* Effect.flip(Layer.build(Transcript.replay(path))).pipe(
          Effect.provide(NodeFileSystem.layer)
        )
        assert.strictEqual(error.message, `${path}: ${detail}`)
      }))
  }

  it.scoped("refuses what is not there, and says what to do", () =>
    Effect.gen(function*() {
      const path = yield* temporaryFile
      const error = yield* Effect.flip(Layer.build(Transcript.replay(path))).pipe(Effect.provide(NodeFileSystem.layer))
      assert.deepStrictEqual(
        [error.reason, error.message],
        ["Open", `${path}: There is no such transcript. Record it first.`]
      )
    }))

  it.scoped("reads plain captures of a connection", () =>
    Effect.gen(function*() {
      const { finished, send, told } = yield* replaying([
        { ms: 1.1, direction: "client->server", message: asks(1, "a") },
        { ms: 2, direction: "server->client", message: answers(1) }
      ])
      yield* send(asks(1, "a"))
      yield* finished
      assert.deepStrictEqual(told, [answers(1)])
    }))

  it.scoped("at the recorded pace takes as long by the Clock", () =>
    Effect.gen(function*() {
      const { finished, send, told } = yield* replaying([
        header,
        out(asks(1, "a"), 100),
        incoming(answers(1, "soon"), 110),
        incoming({ method: "late" }, 1_110),
        closed
      ], { pace: "recorded" })
      yield* send(asks(1, "a"))
      assert.deepStrictEqual(told, [])
      yield* TestClock.adjust("10 millis")
      assert.deepStrictEqual(told, [answers(1, "soon")])
      const over = yield* Effect.fork(finished)
      yield* TestClock.adjust("999 millis")
      assert.isTrue(Option.isNone(yield* Fiber.poll(over)))
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(over)
      assert.deepStrictEqual(told, [answers(1, "soon"), { method: "late" }])
    }))

  it.scoped("that is closed while it waits for the program says for what", () =>
    Effect.gen(function*() {
      const logged: Array<unknown> = []
      const logger = Logger.make(({ message }) => {
        logged.push(message)
      })
      const path = yield* Effect.scoped(
        Effect.map(
          replaying([header, out(asks(1, "a")), incoming(answers(1)), closed]),
          ({ path }) => path
        )
      ).pipe(Effect.provide(Logger.add(logger)))
      assert.deepStrictEqual(logged, [[`the replay of ${path} was closed while it waited for line 2: a {}`]])
    }))
})
