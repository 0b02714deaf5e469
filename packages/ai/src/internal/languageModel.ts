import * as AppServer from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import type { CodexError, StructuredOutputError, TurnError } from "@effect-codex/sdk/CodexError"
import * as StructuredOutput from "@effect-codex/sdk/StructuredOutput"
import * as Thread from "@effect-codex/sdk/Thread"
import type { Tool } from "@effect-codex/sdk/Tool"
import type { Turn } from "@effect-codex/sdk/Turn"
import type { TurnResult } from "@effect-codex/sdk/TurnResult"
import * as AiError from "@effect/ai/AiError"
import * as LanguageModel from "@effect/ai/LanguageModel"
import type * as Response from "@effect/ai/Response"
import * as Telemetry from "@effect/ai/Telemetry"
import * as AiTool from "@effect/ai/Tool"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Options } from "../CodexLanguageModel.js"
import * as Calls from "./calls.js"
import * as Parts from "./parts.js"
import * as Prompt from "./prompt.js"
import { resolving } from "./resolving.js"

type Part = Response.StreamPartEncoded

/** @internal */
export const make = Effect.fnUntraced(function*(options: Options = {}): Effect.fn.Return<
  LanguageModel.Service,
  never,
  Codex.Codex | AppServer.AppServer | AppServer.ExperimentalApi
> {
  const context = yield* Effect.context<Codex.Codex | AppServer.AppServer | AppServer.ExperimentalApi>()
  const respond = (method: string) => (request: LanguageModel.ProviderOptions) =>
    Stream.provideSomeContext(response(options, request, method), context)

  const model = yield* LanguageModel.make({
    generateText: (request) =>
      Effect.map(Stream.runCollect(respond("generateText")(request)), (parts) => Parts.whole(parts)),
    streamText: respond("streamText")
  })
  return resolving(model)
})

/** One request to the model: a turn on a thread of its own. */
const response = (
  options: Options,
  request: LanguageModel.ProviderOptions,
  method: string
): Stream.Stream<Part, AiError.AiError, Codex.Codex | AppServer.AppServer | AppServer.ExperimentalApi> => {
  const { prompt, responseFormat } = request
  const answered = responseFormat.type === "text" ? Prompt.finalAnswer(prompt) : undefined
  if (answered !== undefined) {
    return Stream.fromIterable(repeated(answered))
  }
  return Stream.unwrapScoped(Effect.gen(function*() {
    const codex = yield* Codex.Codex
    const appServer = yield* AppServer.AppServer
    const calls = Option.getOrUndefined(yield* Effect.serviceOption(Calls.Calls))
    const { history, input, instructions } = yield* Prompt.toConversation(prompt, method)
    const tools = yield* offered(request, calls?.tools ?? [], method)
    const object = responseFormat.type === "json" ? yield* objectOf(responseFormat.schema) : undefined

    const developerInstructions = [
      options.thread?.developerInstructions,
      ...instructions,
      ...choiceInWords(request)
    ].filter((text) => typeof text === "string").join("\n\n")
    const thread = yield* codex.startThread({
      ephemeral: true,
      ...options.thread,
      ...(developerInstructions === "" ? {} : { developerInstructions }),
      tools
    }).pipe(Thread.scoped)
    if (history.length > 0) {
      yield* appServer.request("thread/inject_items", { threadId: thread.id, items: history })
    }
    const turn = yield* thread.startTurn(input, {
      ...options.turn,
      ...(object === undefined ? {} : { outputSchema: object.outputSchema })
    })
    const { model } = thread.info

    const said = Stream.mapConcat(turn.events, Parts.make({ calls, answerOnly: object !== undefined }))
    const ending = Effect.gen(function*(): Effect.fn.Return<ReadonlyArray<Part>, TurnError | StructuredOutputError> {
      const result = yield* turn.result
      return [
        ...(object === undefined ? [] : textParts(turn.id, yield* object.textOf(result))),
        finishPart(turn, "stop", result.turnUsage)
      ]
    })
    return Stream.make(yield* metadataPart(turn, model)).pipe(
      Stream.concat(said),
      Stream.concat(Stream.fromIterableEffect(ending)),
      Stream.mapConcat((part): ReadonlyArray<Part> =>
        calls?.unresolved === true && part.type === "tool-call" ? [part, finishPart(turn, "tool-calls", null)] : [part]
      ),
      Stream.takeUntil(({ type }) => type === "finish"),
      Stream.tap((part) => Effect.sync(() => annotate(request, model, part)))
    )
  })).pipe(Stream.mapError((error) => AiError.isAiError(error) ? error : toAiError(error, method)))
}

/** Those of the toolkit's tools that the model may call. */
const offered = (
  { toolChoice, tools }: LanguageModel.ProviderOptions,
  all: ReadonlyArray<Tool>,
  method: string
): Effect.Effect<ReadonlyArray<Tool>, AiError.MalformedInput> => {
  const foreign = tools.filter((tool) => AiTool.isProviderDefined(tool) && !tool.requiresHandler)
  if (foreign.length > 0) {
    return new AiError.MalformedInput({
      module,
      method,
      description: `Codex does not have these tools of another provider: ${foreign.map(({ name }) => name).join(", ")}.`
    })
  }
  const names = tools.map(({ name }) => name).filter((name) =>
    toolChoice !== "none" && !(typeof toolChoice === "object" && "tool" in toolChoice && toolChoice.tool !== name)
  )
  return Effect.succeed(all.filter(({ name }) => names.includes(name)))
}

/** Codex leaves the choice to the model, which can be told all the same. */
const choiceInWords = ({ toolChoice, tools }: LanguageModel.ProviderOptions): ReadonlyArray<string> => {
  const required = toolChoice === "required" ||
    (typeof toolChoice === "object" && ("tool" in toolChoice || toolChoice.mode === "required"))
  const names = typeof toolChoice === "object" && "tool" in toolChoice
    ? [toolChoice.tool]
    : tools.map(({ name }) => name)
  return required ? [`Before you answer, call one of these tools: ${names.join(", ")}.`] : []
}

/** How the model is asked for an object, and its answer in the form that the Schema decodes, which may be another. */
const objectOf = (of: Schema.Schema.Any) => {
  // What it needs is in the context of the request, which this runs in.
  const schema = Schema.make<unknown>(of.ast)
  const encode = Schema.encode(Schema.parseJson(schema))
  return Effect.map(StructuredOutput.make(schema), ({ decode, outputSchema }) => ({
    outputSchema,
    textOf: (result: TurnResult) => Effect.flatMap(decode(result), (value) => Effect.orDie(encode(value)))
  }))
}

const textParts = (id: string, text: string): ReadonlyArray<Part> => [
  { type: "text-start", id },
  { type: "text-delta", id, delta: text },
  { type: "text-end", id }
]

const metadataPart = (turn: Turn, modelId: string): Effect.Effect<Part> =>
  Effect.map(DateTime.now, (now) => ({
    type: "response-metadata",
    id: turn.id,
    modelId,
    timestamp: DateTime.formatIso(now)
  }))

const finishPart = (turn: Turn, reason: Response.FinishReason, usage: TurnResult["turnUsage"]): Part => ({
  type: "finish",
  reason,
  usage: {
    inputTokens: usage?.inputTokens,
    outputTokens: usage?.outputTokens,
    totalTokens: usage?.totalTokens,
    reasoningTokens: usage?.reasoningOutputTokens,
    cachedInputTokens: usage?.cachedInputTokens
  },
  metadata: { codex: { threadId: turn.threadId, turnId: turn.id } }
})

const repeated = (answer: string): ReadonlyArray<Part> => [
  ...textParts("answer", answer),
  {
    type: "finish",
    reason: "stop",
    usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0, reasoningTokens: 0, cachedInputTokens: 0 }
  }
]

const annotate = ({ span }: LanguageModel.ProviderOptions, model: string, part: Part) => {
  if (part.type === "response-metadata") {
    Telemetry.addGenAIAnnotations(span, {
      system: "codex",
      operation: { name: "chat" },
      request: { model },
      response: { id: part.id, model }
    })
  }
  if (part.type === "finish") {
    Telemetry.addGenAIAnnotations(span, {
      system: "codex",
      response: { finishReasons: [part.reason] },
      usage: { inputTokens: part.usage.inputTokens, outputTokens: part.usage.outputTokens }
    })
  }
}

const module = "CodexLanguageModel"

const toAiError = (error: CodexError, method: string): AiError.AiError => {
  const options = { module, method, description: error.message, cause: error }
  switch (error._tag) {
    case "InvalidParams":
      return new AiError.MalformedInput(options)
    case "StructuredOutputError":
      return new AiError.MalformedOutput(options)
    default:
      return new AiError.UnknownError(options)
  }
}
