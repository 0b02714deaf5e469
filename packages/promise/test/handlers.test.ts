import {
  Approval,
  type CodexOptions,
  ExperimentalApiRequired,
  InvalidParams,
  type LogEntry,
  tool
} from "@effect-codex/promise"
import { Codex } from "@effect-codex/promise"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, describe } from "vitest"
import { z } from "zod"
import { rejection, withCodex, withModel } from "./support/real.js"

/** Runs what the user says as a command that needs an approval, or calls the tool that the user names with JSON. */
const script = ({ toolOutputs, userText }: ScriptedModel.ModelRequest) => {
  if (toolOutputs.length > 0) {
    return ScriptedModel.text(`I heard: ${toolOutputs.map(({ text }) => text).join(" & ")}`)
  }
  const [name = "", ...rest] = userText.split(": ")
  return name === "run"
    ? ScriptedModel.toolCall({
      name: "exec_command",
      arguments: {
        cmd: rest.join(""),
        login: false,
        sandbox_permissions: "require_escalated",
        justification: "It has to."
      }
    })
    : ScriptedModel.toolCall({ name, arguments: rest.join(": ") })
}

const asking = { approvalPolicy: "on-request", sandbox: "read-only" } as const

/** A promise of what is told from outside when it is settled. */
const told = <A>() => {
  let tell: (value: A) => void = () => {}
  const promise = new Promise<A>((resolve) => tell = resolve)
  return { promise, tell }
}

describe("handlers", () => {
  const accepting: CodexOptions = {
    handlers: {
      commandApproval: async ({ command }) => command?.includes("echo") === true ? Approval.accept : undefined
    }
  }

  withCodex("answer what the server asks, and what they do not answer is declined", script, async (codex) => {
    const thread = await codex.startThread(asking)
    assert.match((await thread.run("run: echo hi")).finalResponse ?? "", /hi\n/)
    assert.match((await thread.run("run: touch file")).finalResponse ?? "", /rejected/)
  }, accepting)

  withCodex(
    "of a turn are asked before those of its thread, and these before those of the Codex",
    script,
    async (codex) => {
      const asked: Array<string> = []
      const passing = (who: string) => ({
        commandApproval: () => {
          asked.push(who)
          return undefined
        }
      })
      const thread = await codex.startThread({ ...asking, handlers: passing("thread") })
      const { finalResponse } = await thread.run("run: echo hi", { handlers: passing("turn") })
      assert.match(finalResponse ?? "", /hi\n/)
      assert.deepStrictEqual(asked, ["turn", "thread"])
    },
    accepting
  )

  withCodex("get a signal that is aborted when the question is settled otherwise", script, async (codex) => {
    const asked = told<AbortSignal>()
    const settled = told<boolean>()
    const controller = new AbortController()
    const thread = await codex.startThread({
      ...asking,
      handlers: {
        commandApproval: (_, { signal }) => {
          signal.addEventListener("abort", () => settled.tell(true))
          asked.tell(signal)
          return new Promise(() => {})
        }
      }
    })
    const running = rejection(thread.run("run: echo hi", { signal: controller.signal }))
    assert.isFalse((await asked.promise).aborted)
    controller.abort()
    assert.isTrue(await settled.promise)
    await running
  })

  withModel("that throw decline, and the failure is logged", script, async ({ options }) => {
    const log: Array<LogEntry> = []
    await using codex = await Codex.start({
      ...options,
      log: (entry) => log.push(entry),
      handlers: { commandApproval: () => Promise.reject(new Error("the phone rang")) }
    })
    const thread = await codex.startThread(asking)
    assert.match((await thread.run("run: echo hi")).finalResponse ?? "", /rejected/)
    const entry = log.find(({ level }) => level === "warning")
    assert.include(entry?.cause, "the phone rang")
    assert.strictEqual(entry?.annotations["threadId"], thread.id)
  })
})

describe("tools", () => {
  const experimental = { experimentalApi: true }

  const ticket = tool({
    name: "ticket",
    description: "Looks up a ticket by its number.",
    parameters: z.object({ id: z.int(), note: z.string().default("none") }),
    run: async ({ id, note }) => {
      if (id !== 1) {
        throw new Error(`There is no ticket ${id}, only 1.`)
      }
      return { title: "It rains in", note }
    }
  })
  const shout = tool({
    name: "shout",
    description: "Says it louder.",
    parameters: { type: "object", properties: { words: { type: "string" } }, required: ["words"] },
    run: ({ words }) => [{ type: "inputText", text: String(words).toUpperCase() }]
  })

  withCodex("are called with what their schema makes of the arguments", script, async (codex) => {
    const thread = await codex.startThread({ tools: [ticket, shout] })
    const say = async (text: string) => (await thread.run(text)).finalResponse
    assert.strictEqual(await say(`ticket: {"id":1}`), `I heard: {"title":"It rains in","note":"none"}`)
    assert.strictEqual(await say(`shout: {"words":"hey"}`), "I heard: HEY")
  }, experimental)

  withCodex("tell the model what does not fit and what they throw", script, async (codex) => {
    const thread = await codex.startThread({ tools: [ticket] })
    assert.match(
      (await thread.run(`ticket: {"id":"one"}`)).finalResponse ?? "",
      /do not fit[^]*- id: .*expected number/i
    )
    assert.include((await thread.run(`ticket: {"id":2}`)).finalResponse, "There is no ticket 2, only 1.")
  }, experimental)

  withCodex("get a signal that is aborted when their turn ends", script, async (codex) => {
    const called = told<void>()
    const aborted = told<boolean>()
    const waits = tool({
      name: "waits",
      description: "Takes its time.",
      parameters: { type: "object", properties: {} },
      run: (_, { signal }) => {
        signal.addEventListener("abort", () => aborted.tell(true))
        called.tell()
        return new Promise(() => {})
      }
    })
    const thread = await codex.startThread({ tools: [waits] })
    const turn = await thread.startTurn("waits: {}")
    await called.promise
    await turn.interrupt()
    assert.isTrue(await aborted.promise)
  }, experimental)

  withCodex("are refused where a model cannot be shown what they take", script, async (codex) => {
    const broken = {
      ...ticket,
      parameters: { "~standard": { version: 1, vendor: "mine", validate: () => ({ issues: [] }) } }
    } as const
    const error = await rejection(codex.startThread({ tools: [broken] }))
    assert(error instanceof InvalidParams)
    assert.match(
      error.issue,
      /^tools: ticket: a schema of mine brings no JSON Schema along; give it one with `withJsonSchema`/
    )
  }, experimental)

  withCodex("need the experimental API, and say so", script, async (codex) => {
    const error = await rejection(codex.startThread({ tools: [ticket] }))
    assert(error instanceof ExperimentalApiRequired)
    assert.include(error.message, "`experimentalApi: true`")
  })
})
