/**
 * One suite, on whatever Layer provides `Codex`.
 *
 *     npx vitest run --project examples test/service.test.ts                   in memory, replayed, on a scripted model
 *     CODEX_RECORD=1 npx vitest run --project examples test/service.test.ts    the same, and the transcripts anew
 *     CODEX_LIVE=1 npx vitest run --project examples test/service.test.ts      with your own account as well
 */
import { NodeCodex } from "@effect-codex/node"
import type { AppServer, Codex } from "@effect-codex/sdk"
import { Assertions, CodexTest, ScriptedModel, TemporaryCodexHome, Transcript } from "@effect-codex/testing"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { fileURLToPath } from "node:url"
import * as Triage from "../src/service/Triage.js"
import { start } from "./support/child.js"

const script = ({ userText }: { readonly userText: string }) =>
  ScriptedModel.text(
    userText.includes("crashes")
      ? `{"kind":"bug","title":"Crash when a file is opened","urgent":true}`
      : `{"kind":"question","title":"Where the invoices are","urgent":false}`
  )

const transcript = (name: string) => fileURLToPath(new URL(`transcripts/triage-${name}.jsonl`, import.meta.url))

const recorded = (name: string) => process.env.CODEX_RECORD === "1" ? transcript(name) : undefined

/** Nothing of what it asserts is of the script, so that it holds for a model too. */
const suite = <E>(
  title: string,
  layerOf: (name: string) => Layer.Layer<Codex.Codex | AppServer.AppServer, E>
) => {
  const onLayer = (name: string) => Effect.provide(Layer.provideMerge(Triage.layer, layerOf(name)))

  describe(`Triage, ${title}`, () => {
    it.live("tells an urgent bug", () =>
      Effect.gen(function*() {
        const { triage } = yield* Triage.Triage
        const { kind, urgent } = yield* triage("The app crashes when I open a file, and all my work is lost!")
        assert.deepStrictEqual({ kind, urgent }, { kind: "bug", urgent: true })
        yield* Assertions.idle
      }).pipe(onLayer("one")))

    it.live("tells several reports apart at once", () =>
      Effect.gen(function*() {
        const { triage } = yield* Triage.Triage
        const verdicts = yield* Effect.forEach(
          ["The app crashes when I open a file.", "Where do I find my invoices?"],
          triage,
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(verdicts.map(({ kind }) => kind), ["bug", "question"])
      }).pipe(onLayer("two")))
  })
}

suite("in memory", () => CodexTest.layerMemory({ script }))

suite("replayed", (name) => CodexTest.layerReplay(transcript(name)))

suite("on the real app-server and a scripted model", (name) => CodexTest.layer({ script, record: recorded(name) }))

/** The user's own codex. */
const live = (codexHome?: string) => NodeCodex.layer({ codexHome })

if (process.env.CODEX_LIVE === "1") {
  suite("live", () => live())
}

/** A `CODEX_HOME` as a user may have one, but that its provider is scripted. */
const userHome = TemporaryCodexHome.layer().pipe(Layer.provide(ScriptedModel.layer(script)))

suite(
  "live, on a CODEX_HOME whose provider needs no account",
  () =>
    Layer.unwrapEffect(Effect.map(TemporaryCodexHome.TemporaryCodexHome, ({ codexHome }) => live(codexHome))).pipe(
      Layer.provide(userHome)
    )
)

describe("Triage", () => {
  it.live("says why a report was not triaged", () =>
    Effect.gen(function*() {
      const { triage } = yield* Triage.Triage
      const { message } = yield* Assertions.failsWith(triage("x"), "NotTriaged")
      assert.include(message, "not now")
    }).pipe(
      Effect.provide(Layer.provide(
        Triage.layer,
        CodexTest.layerMemory({ script: () => ScriptedModel.fail({ message: "not now" }) })
      ))
    ))

  it.live("asks codex for what it asked for when it was recorded, and for nothing less", () =>
    Effect.gen(function*() {
      const { triage } = yield* Triage.Triage
      yield* triage("The app crashes when I open a file, and all my work is lost!")
      const { finished } = yield* Transcript.Replay
      yield* finished
    }).pipe(Effect.provide(Layer.provideMerge(Triage.layer, CodexTest.layerReplay(transcript("one"))))))
})

it.scopedLive("service prints what became of each report, and ends", () =>
  Effect.gen(function*() {
    const { codexHome } = yield* TemporaryCodexHome.TemporaryCodexHome
    const example = yield* start("src/service.ts", { env: { CODEX_HOME: codexHome } })
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.strictEqual(example.stdout(), "bug: Crash when a file is opened\nquestion: Where the invoices are\n")
    assert.deepStrictEqual(yield* example.processes, [])
  }).pipe(Effect.provide(TemporaryCodexHome.layer().pipe(Layer.provideMerge(ScriptedModel.layer(script))))))
