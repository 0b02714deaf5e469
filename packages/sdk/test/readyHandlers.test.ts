import type * as Server from "@effect-codex/protocol/Server"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import { NodeContext } from "@effect/platform-node"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { promise } from "./support/env.js"
import { accepted, answerTo, ask, askCommand, commandAnswer, declined } from "./support/questions.js"
import { threadId } from "./support/talk.js"
import { running } from "./support/turns.js"

/** Whether the handlers accept, where the connection's would cancel whatever they pass. */
const cancelling: ServerRequests.Handlers = {
  commandApproval: () => Effect.succeed({ _tag: "Cancel" }),
  fileChangeApproval: () => Effect.succeed({ _tag: "Cancel" })
}

const passed = { decision: "cancel" }

const read: Server.CommandAction = { type: "read", command: "cat a", name: "a", path: "/workspace/a" }

describe("acceptReads", () => {
  const reads = [
    "cat a.txt",
    "cat 'a file' \"another one\" naïve.txt",
    "ls -la; ls src && cd src | cat",
    "sed -n '1,20p' a.txt",
    "nl -ba a.txt | sed -n '10,$p'",
    "rg -n 'a|b' src",
    "rg --files",
    "find . -name '*.ts' -type f",
    "grep -rn \"a \\\"word\\\" \\$here\" .",
    "head -n 5 a.txt\ntail -n +3 a.txt"
  ]
  const others = [
    "rm a.txt",
    "./cat a.txt",
    "cat a.txt && rm b",
    "cat a.txt | tee b",
    "cat a.txt | xargs rm",
    "cat a.txt > b",
    "cat < a.txt",
    "cat $(touch b)",
    "cat `touch b`",
    "cat \"$(touch b)\"",
    "cat <(touch b)",
    "cat a.txt & rm b",
    "cat a.txt |& tee b",
    "(cat a.txt)",
    "PATH=. cat a.txt",
    "cat a.txt # b",
    "cat *",
    "cat {a,b}",
    "cat a\\ b",
    "cat 'a",
    "find . -delete",
    "find . {-delete,-print}",
    "find . -exec rm '{}' ';'",
    "find . -fprint out",
    "rg --pre=./evil a",
    "rg -iz a",
    "rg --hostname-bin ./evil a",
    "sed -i s/a/b/ a.txt",
    "sed -n '1w out' a.txt",
    "sed -n 1p -i a.txt",
    "awk 'BEGIN{system(\"rm b\")}' a.txt",
    "bash -c 'cat a.txt' extra",
    "bash -s",
    "/workspace/bash -c 'cat a.txt'",
    "./bash -c 'cat a.txt'",
    "/bin/../workspace/bash -c 'cat a.txt'",
    "/usr/bin/workspace/sh -c 'cat a.txt'",
    "/bin/cat a.txt",
    "constructor",
    ""
  ]

  const shells = [
    (script: string) => `/bin/bash -lc ${quoted(script)}`,
    (script: string) => `zsh -c ${quoted(script)}`,
    (script: string) => script
  ]

  /** As a server quotes it: in single quotes, or in double ones where it has some. */
  const quoted = (script: string) => script.includes("'") ? `"${script.replace(/[$`"\\]/g, "\\$&")}"` : `'${script}'`

  promise("accepts plain commands of programs that only read, and passes all others", (env) =>
    Effect.gen(function*() {
      yield* running(env, "turn-1").pipe(Effect.provide(ServerRequests.layer(ServerRequests.acceptReads)))
      for (const [scripts, expected] of [[reads, accepted], [others, passed]] as const) {
        for (const script of scripts) {
          for (const shell of shells) {
            const command = shell(script)
            yield* askCommand(env, 0, { command, commandActions: [read] })
            assert.deepStrictEqual<unknown>(yield* commandAnswer(env, 0), expected, command)
          }
        }
      }
      yield* env.say.completed("turn-1")
    }), { handlers: cancelling })

  promise(
    "passes what the server does not take for a read, and what asks for more than to run",
    (env) =>
      Effect.gen(function*() {
        yield* running(env, "turn-1").pipe(Effect.provide(ServerRequests.layer(ServerRequests.acceptReads)))
        const command = "/bin/bash -lc 'cat a'"
        const search: Server.CommandAction = { type: "search", command: "cat a" }
        const listing: Server.CommandAction = { type: "listFiles", command: "cat a" }
        const cases: ReadonlyArray<[Partial<Server.CommandExecutionRequestApprovalParams>, unknown]> = [
          [{ commandActions: [read, search, listing] }, accepted],
          [{ commandActions: [read, { type: "unknown", command: "cat a" }] }, passed],
          [{ commandActions: [] }, passed],
          [{ commandActions: null }, passed],
          [{ commandActions: [read], kind: "writeStdin" }, passed],
          [{ commandActions: [read], kind: "humanCommand" }, passed],
          [{ commandActions: [read], networkApprovalContext: { host: "example.org", protocol: "https" } }, passed],
          [{ commandActions: [read], additionalPermissions: { network: { enabled: true } } }, passed],
          [{ commandActions: [read], command: null }, passed],
          [{ commandActions: [read], availableDecisions: ["acceptForSession", "cancel"] }, passed],
          [{ commandActions: [read], availableDecisions: ["acceptOnTheMoon", "cancel"] }, passed]
        ]
        for (const [params, expected] of cases) {
          yield* askCommand(env, 0, { command, ...params })
          assert.deepStrictEqual<unknown>(yield* commandAnswer(env, 0), expected, JSON.stringify(params))
        }
        yield* env.say.completed("turn-1")
      }),
    { handlers: cancelling }
  )
})

describe("declineAll", () => {
  promise("declines for a turn what wider handlers would accept", (env) =>
    Effect.gen(function*() {
      yield* running(env, "turn-1").pipe(Effect.provide(ServerRequests.layer(ServerRequests.declineAll)))
      yield* askCommand(env, 0)
      assert.deepStrictEqual(yield* commandAnswer(env, 0), declined)
      const method = "mcpServer/elicitation/request"
      yield* ask(env, 1, method)
      assert.deepStrictEqual(yield* answerTo(env, 1, method), { action: "decline" })
      yield* env.say.completed("turn-1")
    }), { handlers: cancelling })
})

/** A folder of the test, with links in it that lead out of it and back. */
const folders = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const root = yield* Effect.flatMap(fs.makeTempDirectoryScoped(), fs.realPath)
  const inside = path.join(root, "inside")
  yield* fs.makeDirectory(path.join(inside, "sub"), { recursive: true })
  yield* fs.makeDirectory(path.join(root, "outside"))
  yield* fs.makeDirectory(path.join(root, "inside-not"))
  yield* fs.symlink(path.join(root, "outside"), path.join(inside, "out"))
  yield* fs.symlink(path.join(root, "outside", "not-there"), path.join(inside, "dangling"))
  yield* fs.symlink(path.join(inside, "sub"), path.join(inside, "around"))
  yield* fs.symlink(inside, path.join(root, "alias"))
  return { root, inside }
})

describe("acceptWithin", () => {
  it.scoped("accepts changes of files within the folder, and passes all others", () =>
    Effect.gen(function*() {
      const { inside, root } = yield* folders
      const asked = (handlers: ReturnType<typeof ServerRequests.acceptWithin>) =>
      (
        changes: ReadonlyArray<Server.FileUpdateChange> | undefined,
        grantRoot: string | null = null
      ) =>
        handlers.fileChangeApproval({
          _tag: "FileChangeApproval",
          requestId: 0,
          threadId,
          turnId: "turn-1",
          itemId: "item-1",
          startedAtMs: 1,
          decisions: [],
          changes,
          grantRoot
        }).pipe(
          Effect.map(({ _tag }) => _tag),
          Effect.catchTag("Passed", () => Effect.succeed("pass"))
        )
      const within = asked(ServerRequests.acceptWithin(inside))
      const add = (path: string): Server.FileUpdateChange => ({ path, kind: { type: "add" }, diff: "" })
      const move = (path: string, to: string | null): Server.FileUpdateChange => ({
        path,
        kind: { type: "update", move_path: to },
        diff: ""
      })

      const cases: ReadonlyArray<[string, Parameters<typeof within>, string]> = [
        ["a new file", [[add(`${inside}/a`)]], "Accept"],
        ["one in a new folder", [[add(`${inside}/new/deep/a`)]], "Accept"],
        ["a file whose name begins with dots", [[add(`${inside}/..a`)]], "Accept"],
        ["dots that stay inside", [[add(`${inside}/sub/../a`)]], "Accept"],
        ["a link that stays inside", [[add(`${inside}/around/a`)]], "Accept"],
        ["a deletion", [[{ path: `${inside}/a`, kind: { type: "delete" }, diff: "" }]], "Accept"],
        ["a move inside", [[move(`${inside}/a`, `${inside}/sub/a`)]], "Accept"],
        ["an update", [[move(`${inside}/a`, null)]], "Accept"],
        ["the folder by another name", [[add(`${root}/alias/a`)]], "Accept"],
        ["a root inside for the session", [[add(`${inside}/a`)], `${inside}/sub`], "Accept"],
        ["a root outside for the session", [[add(`${inside}/a`)], root], "pass"],
        ["a file beside", [[add(`${root}/a`)]], "pass"],
        ["a folder whose name begins alike", [[add(`${root}/inside-not/a`)]], "pass"],
        ["one of several outside", [[add(`${inside}/a`), add(`${root}/a`)]], "pass"],
        ["a move out", [[move(`${inside}/a`, `${root}/a`)]], "pass"],
        ["a move in", [[move(`${root}/a`, `${inside}/a`)]], "pass"],
        ["dots that lead out", [[add(`${inside}/sub/../../a`)]], "pass"],
        ["a link that leads out", [[add(`${inside}/out/a`)]], "pass"],
        ["dots after a link that leads out", [[add(`${inside}/out/../a`)]], "pass"],
        ["dots after a link that stays inside", [[add(`${inside}/around/../a`)]], "Accept"],
        ["a link to what is not there yet", [[add(`${inside}/dangling`)]], "pass"],
        ["a relative path", [[add("a")]], "pass"],
        ["a kind that is not known", [[
          { path: `${inside}/a`, kind: { type: "$unknown", raw: { type: "chmod" } }, diff: "" }
        ]], "pass"],
        ["no changes", [[]], "pass"],
        ["changes that are not known here", [undefined], "pass"]
      ]
      for (const [name, question, expected] of cases) {
        assert.strictEqual(yield* within(...question), expected, name)
      }
      const throughAlias = asked(ServerRequests.acceptWithin(`${root}/alias`))
      assert.strictEqual(yield* throughAlias([add(`${inside}/a`)]), "Accept")
      assert.strictEqual(yield* throughAlias([add(`${root}/a`)]), "pass")
      const here = asked(ServerRequests.acceptWithin("."))
      assert.strictEqual(yield* here([add(`${process.cwd()}/a`)]), "Accept")
      assert.strictEqual(yield* here([add("a")]), "pass")
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("passes where the links cannot be followed", () =>
    Effect.gen(function*() {
      const { inside } = yield* folders
      const refusing = FileSystem.layerNoop({})
      const handlers = ServerRequests.acceptWithin(inside)
      const answer = yield* handlers.fileChangeApproval({
        _tag: "FileChangeApproval",
        requestId: 0,
        threadId,
        turnId: "turn-1",
        itemId: "item-1",
        startedAtMs: 1,
        decisions: [],
        changes: [{ path: `${inside}/a`, kind: { type: "add" }, diff: "" }]
      }).pipe(Effect.provide(Layer.merge(refusing, Path.layer)), Effect.exit)
      assert.strictEqual(answer._tag, "Failure")
    }).pipe(Effect.provide(NodeContext.layer)))
})
