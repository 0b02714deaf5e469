/**
 * A service of a program of yours that has codex do its work: those who use it know nothing of threads and turns.
 */
import { Codex, type CodexError } from "@effect-codex/sdk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

/** What becomes of a report. */
export class Verdict extends Schema.Class<Verdict>("Verdict")({
  kind: Schema.Literal("bug", "feature", "question"),
  title: Schema.String.annotations({ description: "at most eight words" }),
  urgent: Schema.Boolean
}) {}

/** No verdict could be had. */
export class NotTriaged extends Schema.TaggedError<NotTriaged>("NotTriaged")("NotTriaged", {
  why: Schema.String,
  cause: Schema.Defect
}) {
  override get message(): string {
    return `The report was not triaged: ${this.why}`
  }
}

export class Triage extends Context.Tag("Triage")<Triage, {
  readonly triage: (report: string) => Effect.Effect<Verdict, NotTriaged>
}>() {}

const notTriaged = (cause: CodexError.CodexError) => new NotTriaged({ why: cause.message, cause })

export const layer: Layer.Layer<Triage, never, Codex.Codex> = Layer.effect(
  Triage,
  Effect.map(Codex.Codex, (codex) => ({
    triage: (report) =>
      Effect.gen(function*() {
        // Each report has a thread of its own, so that many can be triaged at once.
        const thread = yield* codex.startThread({ ephemeral: true, sandbox: "read-only" })
        const { value } = yield* thread.runAs(Verdict, `Triage this report of a user:\n\n${report}`, { repair: 1 })
        return value
      }).pipe(Effect.mapError(notTriaged))
  }))
)
