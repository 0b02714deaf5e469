/**
 * Who decides what the agent may do: on one thread the person at the terminal, but for commands that only read; on
 * another one the program itself, which reads the open questions as a stream, as a user interface would.
 */
import { Approval, Codex, ServerRequests, type Thread } from "@effect-codex/sdk"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

const sandbox = { sandbox: "read-only", approvalPolicy: "on-request" } as const

/** What the program decides on its own: files may be made, and nothing else. */
const decide = (thread: Thread.Thread) =>
  thread.approvals.pipe(
    Stream.runForEach((open) => {
      if (open._tag !== "CommandApproval") {
        return Effect.void
      }
      const decision = open.command?.includes("touch ") === true ? Approval.accept : Approval.decline
      return Effect.zipRight(Console.log(`${open.command}: ${decision._tag}`), Effect.ignore(open.answer(decision)))
    }),
    Effect.ignoreLogged
  )

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex

  const asked = yield* codex.startThread(sandbox)
  yield* asked.run("Make a note, in a color of my choice.").pipe(
    Effect.provide(
      ServerRequests.layer(ServerRequests.orElse(ServerRequests.acceptReads, ServerRequests.askOnTerminal))
    ),
    Effect.flatMap(({ finalResponse }) => Console.log(finalResponse)),
    Effect.catchTag("TurnInterrupted", () => Console.log("Stopped."))
  )

  const decided = yield* codex.startThread(sandbox)
  const { finalResponse } = yield* Effect.race(
    decided.run("Make a file, then remove it."),
    Effect.zipRight(decide(decided), Effect.never)
  )
  yield* Console.log(finalResponse)
})

// Without a script it would be `NodeCodex.layer()`.
const command = (cmd: string) =>
  ScriptedModel.toolCall({
    name: "exec_command",
    arguments: { cmd, login: false, sandbox_permissions: "require_escalated", justification: "You asked for it." }
  })

const color = ScriptedModel.toolCall({
  name: "request_user_input",
  arguments: {
    questions: [{
      id: "color",
      header: "Color",
      question: "Which color?",
      options: [{ label: "Red", description: "warm" }, { label: "Blue", description: "cool" }]
    }]
  }
})

const script: ScriptedModel.Script = ({ toolOutputs, userText }) => {
  const steps = userText.startsWith("Make a note")
    ? [command("ls"), command("touch note"), color]
    : [command("touch file"), command("rm file")]
  return steps[toolOutputs.length] ?? ScriptedModel.text(`Done: ${toolOutputs.at(-1)?.text}`)
}

program.pipe(
  Effect.provide(Layer.merge(
    CodexTest.layer({ script, config: { features: { default_mode_request_user_input: true } } }),
    NodeTerminal.layer
  )),
  NodeRuntime.runMain
)
