import * as Tool from "@effect-codex/sdk/Tool"
import * as AiError from "@effect/ai/AiError"
import * as AiTool from "@effect/ai/Tool"
import type * as Toolkit from "@effect/ai/Toolkit"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** @internal */
export type Result = AiTool.HandlerResult<AiTool.Any>

/**
 * The tools of a toolkit as those of a thread, whose calls `run` brings to a result. Where it fails, the model is told
 * its words.
 *
 * @internal
 */
export const make = <Tools extends Record<string, AiTool.Any>, R>(
  toolkit: Toolkit.WithHandler<Tools>,
  run: (call: Tool.Call, tool: AiTool.Any) => Effect.Effect<Result, string, R>
): ReadonlyArray<Tool.Tool<R>> =>
  Object.values<AiTool.Any>(toolkit.tools).map((tool) =>
    Tool.make(tool.name, {
      description: tool.description ?? AiTool.getDescriptionFromSchemaAst(tool.parametersSchema.ast) ?? "",
      // The toolkit decodes for itself; here the model is told first what does not fit.
      parameters: Schema.make<unknown, unknown, R>(tool.parametersSchema.ast),
      handler: (_, call) =>
        Effect.flatMap(
          run(call, tool),
          ({ encodedResult, isFailure }) =>
            isFailure ? Effect.fail(textOf(encodedResult)) : Effect.succeed(textOf(encodedResult))
        )
    })
  )

/**
 * How the toolkit answers a call.
 *
 * @internal
 */
export const handle = <Tools extends Record<string, AiTool.Any>>(
  toolkit: Toolkit.WithHandler<Tools>,
  call: Tool.Call,
  tool: AiTool.Any
): Effect.Effect<Result, AiTool.Failure<Tools[keyof Tools]>, AiTool.Requirements<Tools[keyof Tools]>> =>
  // The tool is one of the toolkit's, which decodes what it is given.
  toolkit.handle(tool.name, call.arguments as never)

/**
 * The tools of a toolkit for a thread, where nobody but the model hears of a failure.
 *
 * @internal
 */
export const ofThread = <Tools extends Record<string, AiTool.Any>>(
  toolkit: Toolkit.WithHandler<Tools>
): ReadonlyArray<Tool.Tool<AiTool.Requirements<Tools[keyof Tools]>>> =>
  make(toolkit, (call, tool) =>
    Effect.catchAll(handle(toolkit, call, tool), (failure) =>
      isOfToolkit(failure)
        ? Effect.die(failure)
        : Effect.flatMap(
          Effect.orDie(
            Schema.encodeUnknown(
              Schema.make<unknown, unknown, AiTool.Requirements<Tools[keyof Tools]>>(tool.failureSchema.ast)
            )(failure)
          ),
          (encoded) => Effect.fail(textOf(encoded))
        )))

/** What the toolkit says of a handler that does not keep to its own Schemas. */
const isOfToolkit = (failure: unknown): boolean => AiError.isAiError(failure) && failure.module === "Toolkit"

/** @internal */
export const textOf = (encoded: unknown): string =>
  typeof encoded === "string" ? encoded : JSON.stringify(encoded) ?? ""
