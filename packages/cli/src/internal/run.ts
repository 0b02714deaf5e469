import * as Input from "@effect-codex/sdk/Input"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Stdio } from "../Stdio.js"
import * as Answer from "./answer.js"
import * as Asking from "./asking.js"
import { type CommandError, explain } from "./explain.js"
import { exitCode, type Explanation, Failure, usage } from "./failure.js"
import * as Format from "./format.js"
import * as JsonLines from "./jsonLines.js"
import type * as Options from "./options.js"
import * as Prompt from "./prompt.js"
import * as Screen from "./screen.js"
import * as Session from "./session.js"
import * as TurnView from "./turnView.js"

/** @internal */
export interface RunOptions extends Options.ServerOptions, Options.ThreadOptions {
  readonly prompt: Option.Option<string>
  readonly json: boolean
  readonly outputSchema: Option.Option<string>
  readonly image: ReadonlyArray<string>
  readonly maxDuration: Option.Option<Duration.Duration>
  readonly maxTokens: Option.Option<number>
  readonly maxItems: Option.Option<number>
  readonly noProgress: boolean
  readonly quiet: boolean
}

/**
 * One turn from its start to its end. Being interrupted stops it on the server.
 *
 * @internal
 */
export const run = (options: RunOptions) =>
  Effect.gen(function*() {
    const stdio = yield* Stdio
    let opened: Session.Opened | undefined
    let answer = Answer.none

    const lastLine = (name: string, explanation: Explanation) =>
      !options.json ? Effect.void : stdio.stdout.write(
        JsonLines.failure(name, explanation, opened === undefined ? undefined : { threadId: opened.thread.id, answer })
      )

    const body = Effect.gen(function*() {
      const text = yield* Prompt.read(options.prompt)
      const input = [...(yield* Effect.forEach(options.image, imageOf)), Input.text(text)]
      const outputSchema = yield* Effect.transposeMapOption(options.outputSchema, readSchema)
      const isLive = stdio.stderr.isTTY && !options.noProgress && !options.quiet &&
        !(options.json && stdio.stdout.isTTY)
      const screen = yield* Screen.make(stdio, { isLive })
      const view = yield* TurnView.make(stdio, screen, {
        answers: !options.json && Option.isNone(outputSchema),
        quiet: options.quiet || options.json,
        isLive
      })

      yield* Effect.gen(function*() {
        const session = opened = yield* Session.openThread(options)
        if (options.json) {
          yield* screen.answer(JsonLines.thread(session))
        }
        const events = session.thread.stream(input, {
          maxDuration: Option.getOrUndefined(options.maxDuration),
          maxTokens: Option.getOrUndefined(options.maxTokens),
          maxItems: Option.getOrUndefined(options.maxItems),
          ...(Option.isSome(outputSchema) ? { outputSchema: outputSchema.value } : {}),
          ...(Option.isSome(options.effort) ? { effort: options.effort.value } : {})
        })
        yield* Stream.runForEach(events, (event) => {
          answer = Answer.step(answer, event)
          return Effect.zipRight(
            options.json ? screen.answer(JsonLines.event(event)) : Effect.void,
            view.show(event)
          )
        }).pipe(Effect.zipRight(view.complete), Effect.onError(() => Effect.ignore(view.end)))

        const output = Option.isNone(outputSchema)
          ? undefined
          : { value: yield* parseAnswer(answer.finalResponse) }
        if (options.json) {
          yield* screen.answer(JsonLines.result(session.thread.id, answer, output))
        } else if (output !== undefined) {
          yield* screen.answer(`${JSON.stringify(output.value, undefined, stdio.stdout.isTTY ? 2 : undefined)}\n`)
        }
        if (!options.quiet && !options.json) {
          yield* screen.note(summary(session, answer, stdio))
        }
      }).pipe(
        Effect.provide(Layer.provideMerge(Session.codex(options), Asking.make(stdio, screen).layer))
      )
    }).pipe(Effect.scoped)

    yield* body.pipe(
      Effect.catchIf(
        (error): error is Exclude<typeof error, { readonly _tag: "OutputClosed" }> => error._tag !== "OutputClosed",
        (error) => Effect.zipRight(lastLine(error._tag, explain(error)), Effect.fail<CommandError>(error))
      ),
      Effect.onInterrupt(() =>
        Effect.ignore(lastLine("Interrupted", { what: "The turn was interrupted.", code: exitCode.interrupted }))
      )
    )
  })

const summary = (
  { thread }: Session.Opened,
  { durationMs, usage }: Answer.Answer,
  { env, stderr }: Stdio["Type"]
): string => {
  const facts = [
    `thread ${thread.id}`,
    ...(usage === null ? [] : [Format.count(usage.total.totalTokens, "token")]),
    ...(durationMs === null ? [] : [Format.duration(durationMs)])
  ]
  return Format.styleOf(stderr.isTTY, env).dim(facts.join(" · "))
}

const imageOf = Effect.fnUntraced(function*(given: string) {
  if (/^(https?|data):/.test(given)) {
    return Input.image(given)
  }
  const path = (yield* Path.Path).resolve(given)
  return (yield* Effect.orElseSucceed(Effect.flatMap(FileSystem.FileSystem, (fs) => fs.exists(path)), () => false))
    ? Input.localImage(path)
    : yield* usage(`--image: there is no file ${path}.`)
})

const readSchema = Effect.fnUntraced(function*(file: string) {
  const text = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFileString(file)).pipe(
    Effect.mapError(() => usage(`--output-schema: ${file} cannot be read.`))
  )
  const schema = parse(text)
  return Either.isRight(schema) && typeof schema.right === "object" && schema.right !== null &&
      !Array.isArray(schema.right)
    ? schema.right
    : yield* usage(
      `--output-schema: ${file} is no JSON Schema${
        Either.isLeft(schema) ? `: ${schema.left}` : ", which is an object"
      }.`
    )
})

const parse = (text: string): Either.Either<unknown, string> =>
  Either.try({
    try: (): unknown => JSON.parse(text),
    catch: (error) => error instanceof Error ? error.message : String(error)
  })

const parseAnswer = (text: string | null) =>
  Either.match(text === null ? Either.left("there is no answer") : parse(text), {
    onLeft: (problem) =>
      Effect.fail(
        new Failure({
          what: `The answer is no JSON (${problem}).${text === null ? "" : ` It was:\n${text}`}`,
          fix: "Ask again, or with a model that holds to output schemas.",
          code: exitCode.notJson
        })
      ),
    onRight: Effect.succeed
  })
