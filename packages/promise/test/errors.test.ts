import * as Promises from "@effect-codex/promise"
import { Codex, CodexError } from "@effect-codex/promise"
import * as Sdk from "@effect-codex/sdk/CodexError"
import * as Cause from "effect/Cause"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { assert, describe, it } from "vitest"
import { callSite } from "../src/internal/callSite.js"
import { ofCause, ofSdk } from "../src/internal/errors.js"
import { everyError } from "./support/errors.js"
import { collect, rejection, withCodex, withModel } from "./support/real.js"

const firstFrame = (error: unknown): string =>
  error instanceof Error ? error.stack?.split("\n").find((line) => line.startsWith("    at ")) ?? "" : ""

describe("errors", () => {
  it("are classes with the fields of the SDK's, durations in milliseconds", () => {
    for (const [sdk, fields] of everyError) {
      const error = ofSdk(sdk)
      assert(error instanceof CodexError)
      assert.instanceOf(error, Reflect.get(Promises, sdk._tag))
      assert.deepStrictEqual([error._tag, error.name], [sdk._tag, sdk._tag])
      assert.sameMembers(Object.keys(error), ["_tag", ...Object.keys(fields).filter((name) => name !== "cause")])
      for (const [name, value] of Object.entries(fields)) {
        const actual: unknown = Reflect.get(error, name)
        if (actual instanceof CodexError) {
          assert.deepInclude(actual.toJSON(), Object(value))
        } else {
          assert.deepStrictEqual(actual, value)
        }
      }
    }
  })

  it("say nothing of Effect in their messages, and are JSON", () => {
    for (const [sdk] of everyError) {
      const error = ofSdk(sdk)
      assert.notMatch(
        error.message,
        /Layer|Effect\b|CodexConfig|Retry|`timeout`|`stallTimeout`|codex\.threads|maxDuration`/
      )
      assert.strictEqual(JSON.parse(JSON.stringify(error)).message, error.message)
    }
  })

  it("are all that the SDK has for what can be done here", () => {
    const elsewhere = [
      "AgentsStillActive",
      "AnswerRefused",
      "LoginFailed",
      "OutputOverflow",
      "Passed",
      "RealtimeClosed"
    ]
    const ours = Object.values(Promises).flatMap((value) =>
      typeof value === "function" && value.prototype instanceof CodexError ? [value.name] : []
    )
    const theirs = Object.entries(Sdk).flatMap(([name, value]) =>
      typeof value === "function" && "fields" in value && !elsewhere.includes(name) ? [name] : []
    )
    assert.sameMembers(ours, [...theirs, "Aborted"])
    assert.sameMembers(everyError.map(([{ _tag }]) => _tag), theirs)
  })

  it("that are none come out as they are", async () => {
    const defect = new RangeError("a bug")
    const at = callSite(() => {})
    assert.strictEqual(ofCause(Cause.die(defect), at, undefined), defect)
    assert.strictEqual(ofCause(Cause.sequential(Cause.die(defect), Cause.empty), at, { _tag: "Close" }), defect)
    assert.strictEqual(await rejection(Codex.fromRuntime(ManagedRuntime.make(Layer.die(defect)))), defect)
  })

  withCodex("begin their stack at the caller of the method", [], async (codex) => {
    const thread = codex.thread("no such thread")
    const signal = AbortSignal.abort()
    const callsRun = () => thread.run("hello")
    assert.match(firstFrame(await rejection(callsRun())), /callsRun .*errors\.test\.ts/)
    for (
      const call of [
        () => codex.resumeThread("no such thread"),
        () => codex.request("thread/read", { threadId: "no such thread" }),
        () => thread.read(),
        () => thread.startTurn("hello"),
        () => thread.compact(),
        () => thread.stream("hello").next(),
        () => thread.run("hello", { signal }),
        () => collect(codex.list({ signal })),
        () => Codex.start({ signal })
      ]
    ) {
      const error = await rejection(call())
      assert(error instanceof CodexError)
      assert.match(firstFrame(error), /errors\.test\.ts/)
      assert.notMatch(String(error), /FiberFailure/)
    }
  })

  withModel("of starting are told likewise", [], async ({ options }) => {
    const missing = await rejection(Codex.start({ ...options, binary: "/no/such/binary" }))
    assert.instanceOf(missing, Promises.BinaryNotFound)
    assert.match(firstFrame(missing), /errors\.test\.ts/)
    const folder = await rejection(Codex.start({ ...options, codexHome: "/no/such/folder" }))
    assert(folder instanceof Promises.TransportError)
    assert.strictEqual(folder.reason, "Open")
  })

  withCodex("of a process that dies reach whatever waits, and what comes later", [], async (codex, { processes }) => {
    const events = rejection(collect(codex.events()))
    for (const line of await processes()) {
      process.kill(Number.parseInt(line), "SIGKILL")
    }
    const error = await events
    assert(error instanceof Promises.ConnectionClosed)
    assert.strictEqual(error.reason, "Exited")
    assert.instanceOf(await rejection(codex.startThread()), Promises.ConnectionClosed)
  })
})
