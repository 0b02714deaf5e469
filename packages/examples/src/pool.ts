/**
 * One app-server for each account, started when it is first asked for and shared by who asks for the same one.
 */
import { CodexPool } from "@effect-codex/sdk"
import { CodexTest } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const greet = (account: string) =>
  Effect.gen(function*() {
    const pool = yield* CodexPool.CodexPool
    const codex = yield* pool.get(account)
    const thread = yield* codex.startThread()
    const { finalResponse } = yield* thread.run(`I am ${account}.`)
    return finalResponse
  }).pipe(Effect.scoped)

const program = Effect.gen(function*() {
  const answers = yield* Effect.forEach(["Ada", "Bob", "Ada"], greet, { concurrency: "unbounded" })
  yield* Effect.forEach(answers, (answer) => Console.log(answer))
})

const Pool = CodexPool.layer({
  // Elsewhere it would be `NodeCodex.layer({ codexHome: `/srv/codex/${account}` })`.
  lookup: (account) =>
    CodexTest.layer().pipe(
      Layer.tap(() => Console.log(`An app-server for ${account}`)),
      Layer.orDie
    ),
  idleTimeToLive: "10 minutes"
})

program.pipe(Effect.provide(Pool), NodeRuntime.runMain)
