import * as Schema from "effect/Schema"
import { describe, type Difference } from "./difference.js"

/**
 * A transcript could not be opened, or not be understood.
 *
 * @since 0.1.0
 * @category errors
 */
export class TranscriptError
  extends Schema.TaggedError<TranscriptError>("@effect-codex/testing/Transcript/TranscriptError")(
    "TranscriptError",
    {
      /** `Open`: the file could not be opened or read; `Version`: a newer format; `Malformed`: no transcript. */
      reason: Schema.Literal("Open", "Version", "Malformed"),
      path: Schema.String,
      detail: Schema.String,
      cause: Schema.optional(Schema.Defect)
    }
  )
{
  /** @since 0.1.0 */
  override get message(): string {
    return `${this.path}: ${this.detail}`
  }
}

/**
 * The program has sent what it did not send when the transcript was recorded.
 *
 * @since 0.1.0
 * @category errors
 */
export class TranscriptMismatch
  extends Schema.TaggedError<TranscriptMismatch>("@effect-codex/testing/Transcript/TranscriptMismatch")(
    "TranscriptMismatch",
    {
      path: Schema.String,
      /** The line of the transcript that it was compared with; `null` where there was none left. */
      line: Schema.NullOr(Schema.Number),
      /** What that line has. */
      expected: Schema.Unknown,
      sent: Schema.Unknown,
      /** Where the two differ, member by member; empty where they are not of one method. */
      differences: Schema.Array(Schema.Struct({
        /** Such as `params.input[0].text`. */
        member: Schema.String,
        /** `undefined` where it is missing. */
        expected: Schema.Unknown,
        sent: Schema.Unknown
      }))
    }
  )
{
  /** @since 0.1.0 */
  override get message(): string {
    return [
      ...this.#what(),
      "If the program is meant to do so, record the transcript again"
    ].join("\n")
  }
  #what(): ReadonlyArray<string> {
    const sent = describe(this.sent)
    if (this.line === null) {
      return [`The program sent ${sent}, but all that was sent when ${this.path} was recorded has been sent.`]
    }
    if (this.differences.length === 0) {
      return [
        `The program sent ${sent}, which was not sent, or not that often, when ${this.path} was recorded.`,
        `Line ${this.line} comes next: ${describe(this.expected)}`
      ]
    }
    return [
      `The program sent ${describe(this.sent, false)} otherwise than in line ${this.line} of ${this.path}:`,
      ...this.differences.flatMap(({ expected, member, sent }) => [
        `  ${member}`,
        `    recorded: ${show(expected)}`,
        `    sent:     ${show(sent)}`
      ])
    ]
  }
}

const show = (value: unknown): string => value === undefined ? "nothing" : abbreviate(JSON.stringify(value))

const abbreviate = (text: string): string => text.length > 300 ? `${text.slice(0, 300)}… (${text.length})` : text

/**
 * The program has not sent everything that it sent when the transcript was recorded.
 *
 * @since 0.1.0
 * @category errors
 */
export class TranscriptUnfinished
  extends Schema.TaggedError<TranscriptUnfinished>("@effect-codex/testing/Transcript/TranscriptUnfinished")(
    "TranscriptUnfinished",
    {
      path: Schema.String,
      /** What is left, in the order in which it was sent. */
      unused: Schema.Array(Schema.Struct({ line: Schema.Number, frame: Schema.Unknown }))
    }
  )
{
  /** @since 0.1.0 */
  override get message(): string {
    const shown = this.unused.slice(0, 10).map(({ frame, line }) => `  line ${line}: ${describe(frame)}`)
    const more = this.unused.length - shown.length
    return [
      `The program has not sent all that it sent when ${this.path} was recorded:`,
      ...shown,
      ...(more > 0 ? [`  and ${more} more`] : []),
      "If the program is meant to do so, record the transcript again"
    ].join("\n")
  }
}

/**
 * A transcript ends before the program does: its recording was stopped, or cut off. It is the `cause` of the
 * `ConnectionClosed` that the program meets there.
 *
 * @since 0.1.0
 * @category errors
 */
export class TranscriptEnded
  extends Schema.TaggedError<TranscriptEnded>("@effect-codex/testing/Transcript/TranscriptEnded")(
    "TranscriptEnded",
    {
      path: Schema.String,
      /** Its last line. */
      line: Schema.Number,
      detail: Schema.String
    }
  )
{
  /** @since 0.1.0 */
  override get message(): string {
    return `${this.path} ends with line ${this.line}: ${this.detail}; record it again to go on from there`
  }
}

/** @internal */
export const toDifferences = (differences: ReadonlyArray<Difference>) => differences.slice(0, 20)
