import { CodexLanguageModel } from "@effect-codex/ai"
import { AppServer } from "@effect-codex/sdk/AppServer"
import { CodexTest } from "@effect-codex/testing"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const binary = process.env["CODEX_TEST_BINARY"]

/** The real app-server on a scripted model. */
export const codexTest = (script: NonNullable<CodexTest.Options["script"]>) =>
  CodexTest.layerExperimental({ script, process: { binary } })

/** The same, with a `LanguageModel` on it. */
export const modelTest = (
  script: NonNullable<CodexTest.Options["script"]>,
  options?: CodexLanguageModel.Options
) => Layer.provideMerge(CodexLanguageModel.layer(options), codexTest(script))

/** Nothing of what was done is held any more. */
export const assertIdle = Effect.gen(function*() {
  const { stats } = yield* AppServer
  const { pendingRequests, serverRequests, threads, turns } = yield* stats
  assert.deepStrictEqual({ pendingRequests, serverRequests, threads, turns }, {
    pendingRequests: 0,
    serverRequests: 0,
    threads: 0,
    turns: 0
  })
})
