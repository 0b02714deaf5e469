import * as Approval from "@effect-codex/sdk/Approval"
import * as Codex from "@effect-codex/sdk/Codex"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import type { Thread } from "@effect-codex/sdk/Thread"
import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { NodeContext } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { assertIdle, codexTest, codexTestExperimental } from "./harness.js"
import { agentNamespace } from "./releases.js"

const escalated = (cmd: string) =>
  ScriptedModel.toolCall({
    name: "exec_command",
    arguments: { cmd, login: false, sandbox_permissions: "require_escalated", justification: "It has to be." }
  })

// The approvals of the first version of the protocol cannot be provoked: `item/…` has taken their place for every thread
// that a client of today starts. The tests in memory have them.

/** What the user says is a command that needs an approval, a patch, or the permissions that are asked for. */
const script = ({ toolOutputs, userText }: ScriptedModel.ModelRequest) => {
  if (toolOutputs.length > 0) {
    return ScriptedModel.text("All right.")
  }
  const [what = "", ...rest] = userText.split(": ")
  const text = rest.join(": ")
  switch (what) {
    case "run":
      return escalated(text)
    case "patch":
      return ScriptedModel.toolCall({
        name: "exec_command",
        arguments: { cmd: `apply_patch <<'EOF'\n*** Begin Patch\n${text}\n*** End Patch\nEOF`, login: false }
      })
    case "permit":
      return ScriptedModel.toolCall({
        name: "request_permissions",
        arguments: {
          reason: "It has to be.",
          permissions: { network: { enabled: true }, file_system: { write: [text] } }
        }
      })
    default:
      return ScriptedModel.text("What?")
  }
}

const config = { features: { request_permissions_tool: true } }

/** In its sandbox nothing can be written. */
const startThread = Effect.flatMap(
  Codex.Codex,
  (codex) => codex.startThread({ approvalPolicy: "on-request", sandbox: "read-only" })
)

/** A folder for one test. */
const newFolder = Effect.gen(function*() {
  const { cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
  return yield* Effect.acquireRelease(
    Effect.sync(() => Fs.mkdtempSync(Path.join(cwd, "folder-"))),
    (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true, force: true }))
  )
})

/** Runs a turn under handlers, and tells what was asked, what the model heard and how the commands ended. */
const runWith = <H extends ServerRequests.Handlers>(thread: Thread, text: string, handlers: H) =>
  Effect.gen(function*() {
    const model = yield* ScriptedModel.ScriptedModel
    const { id, items } = yield* Effect.provide(
      thread.run(text),
      ServerRequests.layer<ServerRequests.Handlers>(handlers)
    )
    const { toolOutputs } = yield* model.awaitRequest((request) =>
      request.threadId === thread.id && request.toolOutputs.length > 0
    )
    return {
      turnId: id,
      items,
      heard: toolOutputs.map(({ text }) => text).join("\n"),
      statuses: items.flatMap((item) =>
        item.type === "commandExecution" || item.type === "fileChange" ? [item.status] : []
      )
    }
  })

/** Handlers that decide every approval alike, and the approvals that they have seen. */
const deciding = <D extends Approval.FileChangeDecision | Approval.CommandDecision>(
  decide: (approval: ServerRequests.CommandApproval) => D
) =>
  Effect.map(Ref.make<ReadonlyArray<ServerRequests.CommandApproval>>([]), (seen) => ({
    seen,
    handlers: {
      commandApproval: (approval: ServerRequests.CommandApproval) =>
        Effect.as(Ref.update(seen, (all) => [...all, approval]), decide(approval))
    }
  }))

for (const [name, live] of [["", codexTest], [", with the experimental API", codexTestExperimental]] as const) {
  layer(live({ script, config }), { excludeTestServices: true })(`an approval of a command${name}`, (it) => {
    it.effect("is seen with its thread, turn and item, and the decisions that it allows", () =>
      Effect.gen(function*() {
        const thread = yield* startThread
        const { handlers, seen } = yield* deciding(() => Approval.accept)
        const { items, statuses, turnId } = yield* runWith(thread, "run: touch seen", handlers)
        assert.deepStrictEqual(statuses, ["completed"])
        const [approval] = yield* Ref.get(seen)
        assert(approval !== undefined)
        const { command, cwd, decisions, itemId, reason, requestId, threadId } = approval
        assert.deepStrictEqual([threadId, approval.turnId], [thread.id, turnId])
        assert.isTrue(items.some((item) => item.type === "commandExecution" && item.id === itemId))
        assert.include(["number", "string"], typeof requestId)
        assert.deepStrictEqual(
          [command, cwd, reason],
          ["/bin/bash -c 'touch seen'", (yield* TemporaryCodexHome.TemporaryCodexHome).cwd, "It has to be."]
        )
        assert.deepStrictEqual<unknown>(decisions, [
          Approval.accept,
          Approval.acceptForSession,
          Approval.acceptWithExecPolicyAmendment(["touch", "seen"]),
          Approval.decline,
          Approval.cancel
        ])
        yield* assertIdle
      }))
  })
}

layer(codexTest({ script, config }), { excludeTestServices: true })("a command", (it) => {
  it.effect("that is declined does not run, and the turn goes on", () =>
    Effect.gen(function*() {
      const { cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
      const { handlers } = yield* deciding(() => Approval.decline)
      const { heard, statuses } = yield* runWith(yield* startThread, "run: touch declined", handlers)
      assert.include(heard, "rejected by user")
      assert.deepStrictEqual(statuses, ["declined"])
      assert.isFalse(Fs.existsSync(Path.join(cwd, "declined")))
      yield* assertIdle
    }))

  it.effect("that is cancelled does not run, and the turn is interrupted", () =>
    Effect.gen(function*() {
      const { cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
      const thread = yield* startThread
      const { handlers } = yield* deciding(() => Approval.cancel)
      const error = yield* thread.run("run: touch cancelled").pipe(
        Effect.provide(ServerRequests.layer(handlers)),
        Effect.flip
      )
      assert.strictEqual(error._tag, "TurnInterrupted")
      assert.isFalse(Fs.existsSync(Path.join(cwd, "cancelled")))
      yield* assertIdle
    }))

  it.effect("that is accepted for the session is not asked about a second time", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const { handlers, seen } = yield* deciding(() => Approval.acceptForSession)
      yield* runWith(thread, "run: touch session", handlers)
      const { statuses } = yield* runWith(thread, "run: touch session", handlers)
      assert.deepStrictEqual(statuses, ["completed"])
      yield* runWith(thread, "run: touch another", handlers)
      assert.deepStrictEqual((yield* Ref.get(seen)).map(({ command }) => command), [
        "/bin/bash -c 'touch session'",
        "/bin/bash -c 'touch another'"
      ])
      yield* assertIdle
    }))

  it.effect("that is accepted with its rule is not asked about again, on another thread either", () =>
    Effect.gen(function*() {
      const { codexHome } = yield* TemporaryCodexHome.TemporaryCodexHome
      const { handlers, seen } = yield* deciding(({ proposedExecpolicyAmendment }) =>
        Approval.acceptWithExecPolicyAmendment(proposedExecpolicyAmendment ?? [])
      )
      yield* runWith(yield* startThread, "run: printf rule", handlers)
      yield* runWith(yield* startThread, "run: printf rule more", handlers)
      assert.lengthOf(yield* Ref.get(seen), 1)
      assert.include(
        Fs.readFileSync(Path.join(codexHome, "rules", "default.rules"), "utf8"),
        "prefix_rule(pattern=[\"printf\", \"rule\"], decision=\"allow\")"
      )
      yield* assertIdle
    }))

  it.effect("is declined where the handler gives a decision that is not allowed, fails, or dies", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const refused = yield* runWith(thread, "run: touch refused", {
        commandApproval: () => Effect.succeed(Approval.acceptWithExecPolicyAmendment(["touch"]))
      })
      assert.deepStrictEqual(refused.statuses, ["declined"])
      const failed = yield* runWith(thread, "run: touch failed", { commandApproval: () => Effect.fail("no idea") })
      assert.deepStrictEqual(failed.statuses, ["declined"])
      const died = yield* runWith(thread, "run: touch died", { commandApproval: () => Effect.die("a defect") })
      // The server has an error for an answer, and does not run the command either.
      assert.notInclude(died.statuses, "completed")
      yield* assertIdle
    }))

  it.effect("is not asked about any more where the turn is interrupted meanwhile", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const asked = yield* Deferred.make<void>()
      const interrupted = yield* Deferred.make<void>()
      const running = yield* thread.run("run: touch never").pipe(
        Effect.provide(ServerRequests.layer({
          commandApproval: () =>
            Effect.zipRight(Deferred.succeed(asked, undefined), Effect.never).pipe(
              Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))
            )
        })),
        Effect.fork
      )
      yield* Deferred.await(asked)
      yield* Fiber.interrupt(running)
      yield* Deferred.await(interrupted)
      yield* assertIdle
      const { heard } = yield* runWith(thread, "run: echo afterwards", {
        commandApproval: () => Effect.succeed(Approval.accept)
      })
      assert.include(heard, "afterwards")
    }))

  it.effect("that only reads is accepted by acceptReads, and what the server only takes for a read is not", () =>
    Effect.gen(function*() {
      const { cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
      const folder = Fs.mkdtempSync(Path.join(cwd, "reads-"))
      Fs.writeFileSync(Path.join(folder, "file"), "words")
      const codex = yield* Codex.Codex
      const thread = yield* codex.startThread({ approvalPolicy: "on-request", sandbox: "read-only", cwd: folder })
      const { heard } = yield* runWith(thread, "run: cat file", ServerRequests.acceptReads)
      assert.include(heard, "words")
      for (const command of ["find . -delete", "cat file | tee copy", "awk 'BEGIN{system(\"rm file\")}' file"]) {
        const { statuses } = yield* runWith(thread, `run: ${command}`, ServerRequests.acceptReads)
        assert.deepStrictEqual(statuses, ["declined"], command)
      }
      assert.deepStrictEqual(Fs.readdirSync(folder), ["file"])
      yield* assertIdle
    }))
})

layer(codexTest({ script, config }), { excludeTestServices: true })("a change of files", (it) => {
  it.scoped("is seen with its changes, and made where it is accepted", () =>
    Effect.gen(function*() {
      const folder = yield* newFolder
      const seen = yield* Ref.make<ServerRequests.FileChangeApproval["changes"]>(undefined)
      const thread = yield* startThread
      const { statuses } = yield* runWith(thread, `patch: *** Add File: ${folder}/made\n+words`, {
        fileChangeApproval: ({ changes }) => Effect.as(Ref.set(seen, changes), Approval.accept)
      })
      assert.deepStrictEqual(statuses, ["completed"])
      assert.strictEqual(Fs.readFileSync(Path.join(folder, "made"), "utf8"), "words\n")
      assert.deepStrictEqual(yield* Ref.get(seen), [
        { path: `${folder}/made`, kind: { type: "add" }, diff: "words\n" }
      ])
      yield* assertIdle
    }))

  it.scoped("that is declined is not made, and the turn goes on", () =>
    Effect.gen(function*() {
      const folder = yield* newFolder
      const { heard, statuses } = yield* runWith(
        yield* startThread,
        `patch: *** Add File: ${folder}/made\n+words`,
        { fileChangeApproval: () => Effect.succeed(Approval.decline) }
      )
      assert.deepStrictEqual([heard, statuses], ["patch rejected by user", ["declined"]])
      assert.deepStrictEqual(Fs.readdirSync(folder), [])
      yield* assertIdle
    }))

  it.scoped("that is cancelled is not made, and the turn is interrupted", () =>
    Effect.gen(function*() {
      const folder = yield* newFolder
      const thread = yield* startThread
      const error = yield* thread.run(`patch: *** Add File: ${folder}/made\n+words`).pipe(
        Effect.provide(ServerRequests.layer({ fileChangeApproval: () => Effect.succeed(Approval.cancel) })),
        Effect.flip
      )
      assert.strictEqual(error._tag, "TurnInterrupted")
      assert.deepStrictEqual(Fs.readdirSync(folder), [])
      yield* assertIdle
    }))

  it.scoped("that is accepted for the session is not asked about a second time", () =>
    Effect.gen(function*() {
      const folder = yield* newFolder
      const asked = yield* Ref.make(0)
      const handlers = {
        fileChangeApproval: () => Effect.as(Ref.update(asked, (n) => n + 1), Approval.acceptForSession)
      }
      const thread = yield* startThread
      yield* runWith(thread, `patch: *** Add File: ${folder}/made\n+one`, handlers)
      yield* runWith(thread, `patch: *** Update File: ${folder}/made\n@@\n-one\n+two`, handlers)
      assert.strictEqual(Fs.readFileSync(Path.join(folder, "made"), "utf8"), "two\n")
      assert.strictEqual(yield* Ref.get(asked), 1)
      yield* assertIdle
    }))

  it.scoped("is made within the folder, moves included, and declined where one of its paths leads out of it", () =>
    Effect.gen(function*() {
      const folder = yield* newFolder
      const path = (...names: ReadonlyArray<string>) => Path.join(folder, ...names)
      const thread = yield* startThread
      const within = (patch: string) =>
        thread.run(`patch: ${patch}`).pipe(
          Effect.provide(
            Layer.provide(ServerRequests.layer(ServerRequests.acceptWithin(path("in"))), NodeContext.layer)
          ),
          Effect.map(({ items }) => items.flatMap((item) => item.type === "fileChange" ? [item.status] : []))
        )
      Fs.mkdirSync(path("in"))
      Fs.symlinkSync(folder, path("in", "out"))
      assert.deepStrictEqual(yield* within(`*** Add File: ${path("in", "a")}\n+one`), ["completed"])
      assert.deepStrictEqual(
        yield* within(
          `*** Update File: ${path("in", "a")}\n*** Move to: ${path("in", "b")}\n@@\n-one\n+two`
        ),
        ["completed"]
      )
      assert.deepStrictEqual(
        yield* within(`*** Update File: ${path("in", "b")}\n*** Move to: ${path("b")}\n@@\n-two\n+three`),
        ["declined"]
      )
      assert.deepStrictEqual(yield* within(`*** Add File: ${path("in", "out", "c")}\n+one`), ["declined"])
      assert.deepStrictEqual([Fs.readdirSync(folder), Fs.readdirSync(path("in"))], [["in"], ["b", "out"]])
      yield* assertIdle
    }))
})

layer(codexTest({ script, config }), { excludeTestServices: true })("permissions", (it) => {
  it.scoped("are granted as they were asked for, in part, for longer, or not", () =>
    Effect.gen(function*() {
      const folder = yield* newFolder
      const granted = (decision: Approval.PermissionsDecision) =>
        Effect.flatMap(startThread, (thread) =>
          Effect.map(
            runWith(thread, `permit: ${folder}`, { permissionsApproval: () => Effect.succeed(decision) }),
            ({ heard }): unknown => JSON.parse(heard)
          ))
      const asked = { network: { enabled: true }, file_system: { write: [folder] } }
      assert.deepStrictEqual(yield* granted(Approval.accept), { permissions: asked, scope: "turn" })
      assert.deepStrictEqual(yield* granted(Approval.acceptForSession), { permissions: asked, scope: "session" })
      assert.deepStrictEqual(yield* granted(Approval.grant({ fileSystem: { write: [folder] } })), {
        permissions: { network: null, file_system: { write: [folder] } },
        scope: "turn"
      })
      const nothing = { permissions: { network: null, file_system: null }, scope: "turn" }
      assert.deepStrictEqual(yield* granted(Approval.decline), nothing)
      assert.deepStrictEqual(yield* granted(Approval.grant({ fileSystem: { write: ["/"] } })), nothing)
      yield* assertIdle
    }))
})

layer(codexTest({ script, config }), { excludeTestServices: true })("the open questions of a thread", (it) => {
  it.effect("are answered as a stream, and tell when they are over", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const answering = yield* thread.approvals.pipe(
        Stream.mapEffect((open) =>
          open._tag === "CommandApproval"
            ? Effect.as(Effect.zipRight(open.answer(Approval.accept), open.closed), open.command)
            : Effect.dieMessage(`not asked for: ${open._tag}`)
        ),
        Stream.take(2),
        Stream.runCollect,
        Effect.fork
      )
      yield* Effect.yieldNow()
      yield* thread.run("run: touch one")
      yield* thread.run("run: touch two")
      assert.deepStrictEqual(Array.from(yield* Fiber.join(answering)), [
        "/bin/bash -c 'touch one'",
        "/bin/bash -c 'touch two'"
      ])
      yield* assertIdle
    }))

  it.effect("take no answer any more once the turn was interrupted", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const asked = yield* Deferred.make<void>()
      const late = yield* thread.approvals.pipe(
        Stream.filter((open) => open._tag === "CommandApproval"),
        Stream.mapEffect((open) =>
          Effect.zipRight(
            Effect.zipRight(Deferred.succeed(asked, undefined), open.closed),
            Effect.flip(open.answer(Approval.accept))
          )
        ),
        Stream.runHead,
        Effect.fork
      )
      yield* Effect.yieldNow()
      const running = yield* Effect.fork(thread.run("run: touch never"))
      yield* Deferred.await(asked)
      yield* Fiber.interrupt(running)
      const refusal = yield* Effect.flatten(Fiber.join(late))
      assert.strictEqual(refusal.reason, "Closed")
      const { cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
      assert.isFalse(Fs.existsSync(Path.join(cwd, "never")))
      yield* assertIdle
    }))
})

const agentDone = Effect.unsafeMakeLatch()

/** A root whose agent runs a command, and which goes on when the agent has. */
const withAgent = (request: ScriptedModel.ModelRequest) => {
  const { toolOutputs, userText } = request
  if (userText !== "spawn") {
    return toolOutputs.length === 0
      ? script(request)
      : ScriptedModel.reply(ScriptedModel.text("All right."), agentDone.open)
  }
  return toolOutputs.length === 0
    ? ScriptedModel.toolCall({
      name: "spawn_agent",
      namespace: agentNamespace,
      arguments: { message: "run: touch by-the-agent" }
    })
    : ScriptedModel.text([agentDone.await, "The agent is done."])
}

layer(codexTest({ script: withAgent, config }), { excludeTestServices: true })("a sub-agent", (it) => {
  it.effect("asks the handlers of the turn that it works for", () =>
    Effect.gen(function*() {
      const { cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
      const thread = yield* startThread
      const { handlers, seen } = yield* deciding(() => Approval.accept)
      yield* Effect.provide(thread.run("spawn"), ServerRequests.layer(handlers))
      const [approval] = yield* Ref.get(seen)
      assert(approval !== undefined)
      assert.notStrictEqual(approval.threadId, thread.id)
      assert.isTrue(Fs.existsSync(Path.join(cwd, "by-the-agent")))
      yield* thread.subAgents.stop
      yield* assertIdle
    }))
})
