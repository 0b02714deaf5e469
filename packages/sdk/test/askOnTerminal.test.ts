import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import * as Terminal from "@effect/platform/Terminal"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { type Env, promise as promiseWith } from "./support/env.js"
import { accepted, answersSoFar, answerTo, ask, askCommand, commandAnswer, declined } from "./support/questions.js"
import { threadId } from "./support/talk.js"
import * as TestTerminal from "./support/terminal.js"
import { running } from "./support/turns.js"

type User = ReturnType<typeof TestTerminal.make>

/** A turn whose questions are asked on a terminal. */
const promise = <E>(name: string, body: (env: Env, user: User) => Effect.Effect<unknown, E, Scope.Scope>) =>
  promiseWith(name, (env) =>
    Effect.gen(function*() {
      const user = TestTerminal.make()
      const handlers = ServerRequests.layer(ServerRequests.askOnTerminal).pipe(
        Layer.provide(Layer.succeed(Terminal.Terminal, user.terminal))
      )
      yield* running(env, "turn-1").pipe(Effect.provide(handlers))
      yield* Effect.ensuring(body(env, user), env.say.completed("turn-1"))
    }))

const input = "item/tool/requestUserInput"
const elicitation = "mcpServer/elicitation/request"

describe("on the terminal", () => {
  promise(
    "a command is shown with the decisions that it allows, and takes one of them",
    (env, user) =>
      Effect.gen(function*() {
        yield* askCommand(env, 0, { reason: "It has to be there." })
        assert.strictEqual(
          yield* user.shown,
          `
May codex run this command?
    /bin/bash -lc 'touch it'
  In: /workspace
  Reason: It has to be there.
  1. accept
  2. accept for this session
  3. accept, and from now on whatever begins with: touch it
  4. decline
  5. decline, and stop the turn
> `
        )
        yield* user.type("2\r")
        assert.strictEqual(yield* user.shown, "2\n")
        assert.deepStrictEqual(yield* commandAnswer(env, 0), { decision: "acceptForSession" })
      })
  )

  promise(
    "nothing is decided by what is no number of a decision, nor by what was typed before",
    (env, user) =>
      Effect.gen(function*() {
        yield* user.type("1\r")
        yield* askCommand(env, 0)
        yield* user.shown
        for (const line of ["\r", "0\r", "6\r", "yes\r", "1 2\r"]) {
          yield* user.type(line)
          assert.include(yield* user.shown, "A number from 1 to 5, please.")
          assert.deepStrictEqual(yield* answersSoFar(env.server), [])
        }
        yield* user.type("14\u007f\r")
        assert.strictEqual(yield* user.shown, "14\b \b\n")
        assert.deepStrictEqual(yield* commandAnswer(env, 0), accepted)
      })
  )

  promise(
    "permissions are shown whole, what this version does not know included",
    (env, user) =>
      Effect.gen(function*() {
        yield* env.server.send({
          id: 0,
          method: "item/permissions/requestApproval",
          params: {
            threadId,
            turnId: "turn-1",
            itemId: "item-1",
            startedAtMs: 1,
            cwd: "/workspace",
            permissions: {
              network: { enabled: true, until: "noon" },
              fileSystem: {
                entries: [{ access: "read", path: { type: "path", path: "/etc\n  1. accept" } }],
                read: ["/usr"],
                write: ["/"]
              },
              time: { travel: true }
            }
          }
        })
        assert.include(
          yield* user.shown,
          String
            .raw`    the network, read /etc\n  1. accept, read /usr, write /, {"time":{"travel":true},"until":"noon"}`
        )
        yield* user.type("3\n")
        assert.deepStrictEqual(yield* answerTo(env, 0, "item/permissions/requestApproval"), { permissions: {} })
      })
  )

  promise("what the agent says cannot rewrite the screen", (env, user) =>
    Effect.gen(function*() {
      yield* askCommand(env, 0, { command: "rm -rf ~\r\u001b[2Kls \u202egnirts", reason: "\u0007\n  1. accept" })
      const shown = yield* user.shown
      assert.include(shown, "rm -rf ~\\u000d\\u001b[2Kls \\u202egnirts")
      assert.include(shown, "Reason: \\u0007\\n  1. accept\n  1. accept\n")
      yield* user.type("4\n")
      assert.deepStrictEqual(yield* commandAnswer(env, 0), declined)
    }))

  promise(
    "Ctrl+D and the end of the input decline, Ctrl+C stops the turn as well",
    (env, user) =>
      Effect.gen(function*() {
        for (
          const [gesture, decision, action] of [
            [user.ctrl("d"), "decline", "decline"],
            [user.endInput, "decline", "decline"],
            [user.ctrl("c"), "cancel", "cancel"]
          ] as const
        ) {
          yield* askCommand(env, 0)
          yield* user.shown
          yield* gesture
          assert.deepStrictEqual<unknown>(yield* commandAnswer(env, 0), { decision })
          yield* ask(env, 1, "item/permissions/requestApproval")
          yield* user.shown
          yield* gesture
          assert.deepStrictEqual(yield* answerTo(env, 1, "item/permissions/requestApproval"), { permissions: {} })
          yield* ask(env, 2, input)
          yield* user.shown
          yield* gesture
          assert.deepStrictEqual(yield* answerTo(env, 2, input), { answers: {} })
          yield* ask(env, 3, elicitation)
          yield* user.shown
          yield* gesture
          assert.deepStrictEqual<unknown>(yield* answerTo(env, 3, elicitation), { action })
        }
      })
  )

  promise(
    "one question is asked at a time, and one that is not asked any more makes room",
    (env, user) =>
      Effect.gen(function*() {
        yield* askCommand(env, 0, { command: "first" })
        yield* askCommand(env, 1, { command: "second" })
        yield* askCommand(env, 2, { command: "third" })
        const first = yield* user.shown
        assert.include(first, "first")
        assert.notInclude(first, "second")
        yield* env.server.notify("serverRequest/resolved", { threadId, requestId: 0 })
        const second = yield* user.shown
        assert.include(second, "(not asked any more)")
        assert.include(second, "second")
        assert.notInclude(second, "third")
        yield* env.server.notify("serverRequest/resolved", { threadId, requestId: 2 })
        yield* user.type("1\r")
        assert.deepStrictEqual(yield* commandAnswer(env, 1), accepted)
        assert.notInclude(yield* user.shown, "third")
        assert.deepStrictEqual(yield* answersSoFar(env.server), [])
      })
  )

  promise("changes of files are shown with their paths and differences", (env, user) =>
    Effect.gen(function*() {
      yield* env.server.notify("item/started", {
        threadId,
        turnId: "turn-1",
        startedAtMs: 1,
        item: {
          type: "fileChange",
          id: "item-1",
          status: "inProgress",
          changes: [
            { path: "/workspace/new", kind: { type: "add" }, diff: "one\ntwo" },
            { path: "/workspace/old", kind: { type: "update", move_path: "/etc/moved" }, diff: "-a\n+b" }
          ]
        }
      })
      yield* ask(env, 0, "item/fileChange/requestApproval", { grantRoot: "/etc" })
      assert.strictEqual(
        yield* user.shown,
        `
May codex change these files?
  add /workspace/new
    one
    two
  move /workspace/old to /etc/moved
    -a
    +b
  And, for this session, everything in: /etc
  1. accept
  2. accept for this session
  3. decline
  4. decline, and stop the turn
> `
      )
      yield* user.type("1\r")
      assert.deepStrictEqual(yield* answerTo(env, 0, "item/fileChange/requestApproval"), accepted)
    }))

  promise(
    "permissions are listed, and so is what a command asks for beside itself",
    (env, user) =>
      Effect.gen(function*() {
        const method = "item/permissions/requestApproval"
        yield* ask(env, 0, method, {
          permissions: {
            network: { enabled: true },
            fileSystem: {
              read: ["/etc"],
              entries: [{ access: "read", path: { type: "path", path: "/etc" } }, {
                access: "write",
                path: { type: "glob_pattern", pattern: "/srv/*" }
              }]
            }
          }
        })
        assert.include(
          yield* user.shown,
          "    the network, read /etc, write {\"type\":\"glob_pattern\",\"pattern\":\"/srv/*\"}\n"
        )
        yield* user.type("2\r")
        assert.strictEqual((yield* answerTo(env, 0, method)).scope, "session")
        yield* askCommand(env, 1, {
          additionalPermissions: { fileSystem: { write: ["/srv"] } },
          networkApprovalContext: { host: "example.org", protocol: "https" }
        })
        const shown = yield* user.shown
        assert.include(shown, "May codex connect to example.org (https)?")
        assert.include(shown, "With: write /srv")
        yield* user.ctrl("d")
        yield* commandAnswer(env, 1)
      })
  )

  promise(
    "the user's questions are asked one by one: by options, in own words, or in secret",
    (env, user) =>
      Effect.gen(function*() {
        const question = (id: string, more: object = {}) => ({ id, header: id, question: `What ${id}?`, ...more })
        const options = [{ label: "Red", description: "warm" }, { label: "Blue", description: "cool" }]
        yield* ask(env, 0, input, {
          questions: [
            question("color", { options }),
            question("other", { options, isOther: true }),
            question("secret", { isSecret: true }),
            question("open")
          ]
        })
        assert.strictEqual(
          yield* user.shown,
          "\ncolor: What color?\n  1. Red: warm\n  2. Blue: cool\nA number.\n> "
        )
        yield* user.type("green\r")
        yield* user.type("2\r")
        assert.include(yield* user.shown, "A number, or words of your own.")
        yield* user.type("green\r")
        yield* user.shown
        yield* user.type("pass word\r")
        const shown = yield* user.shown
        assert.notInclude(shown, "pass")
        yield* user.type("\r")
        assert.deepStrictEqual(yield* answerTo(env, 0, input), {
          answers: { color: { answers: ["Blue"] }, other: { answers: ["green"] }, secret: { answers: ["pass word"] } }
        })
      })
  )

  promise("a form is filled in field by field, until each fits", (env, user) =>
    Effect.gen(function*() {
      yield* ask(env, 0, elicitation, {
        requestedSchema: {
          type: "object",
          properties: {
            name: { type: "string", title: "Name", description: "Of the guest" },
            guests: { type: "integer", default: 2 },
            days: {
              type: "array",
              items: { anyOf: [{ const: "m", title: "Monday" }, { const: "t", title: "Tuesday" }] }
            },
            note: { type: "string" }
          },
          required: ["name", "days"]
        }
      })
      assert.include(yield* user.shown, "The MCP server fixture:\n    Who are you?\n  1. answer\n  2. decline\n")
      yield* user.type("1\r")
      assert.include(yield* user.shown, "\nName: Of the guest\n> ")
      yield* user.type("Ada\r")
      assert.include(yield* user.shown, "guests (optional)\nNothing for: 2\n> ")
      yield* user.type("many\r")
      assert.include(yield* user.shown, "Expected a whole number\n> ")
      yield* user.type("\r")
      assert.include(yield* user.shown, "days\n  - Monday\n  - Tuesday\nSeveral, with commas in between.\n> ")
      yield* user.type("Sunday\r")
      yield* user.type("Monday, t\r")
      yield* user.type("\r")
      assert.deepStrictEqual(yield* answerTo(env, 0, elicitation), {
        action: "accept",
        content: { name: "Ada", guests: 2, days: ["m", "t"] }
      })
    }))

  promise("a page to visit and a tool to call are asked about as such", (env, user) =>
    Effect.gen(function*() {
      yield* env.server.request(0, elicitation, {
        threadId,
        turnId: "turn-1",
        serverName: "fixture",
        mode: "url",
        message: "Sign in, please.",
        url: "https://example.invalid/",
        elicitationId: "elicitation-1"
      })
      assert.include(
        yield* user.shown,
        "    Sign in, please.\n  Visit https://example.invalid/\n  1. done\n  2. decline\n"
      )
      yield* user.type("1\r")
      assert.deepStrictEqual(yield* answerTo(env, 0, elicitation), { action: "accept", content: null })

      yield* ask(env, 1, elicitation, {
        _meta: {
          codex_approval_kind: "mcp_tool_call",
          tool_name: "echo",
          tool_description: "Says it again.",
          tool_params: { text: "hi" },
          persist: ["session", "always"]
        },
        message: "Allow it to run tool \"echo\"?",
        requestedSchema: { type: "object", properties: {} }
      })
      assert.strictEqual(
        yield* user.shown,
        `1

May codex call a tool of the MCP server fixture?
    Allow it to run tool "echo"?
  Says it again.
    {
      "text": "hi"
    }
  1. accept
  2. accept for this session
  3. accept from now on
  4. decline
> `
      )
      yield* user.type("2\r")
      assert.deepStrictEqual(yield* answerTo(env, 1, elicitation), {
        action: "accept",
        content: null,
        _meta: { persist: "session" }
      })
    }))

  promise(
    "an elicitation of a kind that is not known is not asked, and left to others",
    (env, user) =>
      Effect.gen(function*() {
        yield* user.shown
        yield* env.server.send({
          id: 0,
          method: elicitation,
          params: { threadId, mode: "dance", serverName: "fixture" }
        })
        assert.deepStrictEqual(yield* answerTo(env, 0, elicitation), { action: "decline" })
        assert.strictEqual(yield* user.shown, "")
      })
  )
})
