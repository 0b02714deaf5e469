import type { DynamicToolSpec, ThreadStartParams } from "@effect-codex/protocol/Client"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as JSONSchema from "effect/JSONSchema"
import { InvalidParams } from "../../CodexError.js"
import type { Handlers } from "../../ServerRequests.js"
import type { Any, Requirements, Tool } from "../../Tool.js"
import { pass, provide } from "../serverRequests/handlers.js"

/**
 * The tools of a thread: how the server is told of them, and what answers their calls.
 *
 * @internal
 */
export interface ThreadTools {
  readonly specs: ReadonlyArray<DynamicToolSpec>
  readonly handlers: Handlers
}

/**
 * Tools for a thread, with what they need taken from here, or why the server would not take them.
 *
 * @internal
 */
export const make = <const Tools extends ReadonlyArray<Any>>(
  method: string,
  tools: Tools
): Effect.Effect<ThreadTools, InvalidParams, Requirements<Tools>> =>
  Effect.contextWithEffect((context: Context.Context<Requirements<Tools>>) =>
    Either.mapBoth(specsOf(tools), {
      onLeft: (problems) =>
        new InvalidParams({ method, issue: problems.map((problem) => `tools: ${problem}`).join("\n") }),
      onRight: (specs) => {
        // Requirements<Tools> is what all the tools need.
        const byName = new Map(entriesOf(tools)) as ReadonlyMap<string, Tool<Requirements<Tools>>>
        return {
          specs,
          handlers: {
            toolCall: (call) => {
              const tool = byName.get(keyOf(call.namespace, call.tool))
              return tool === undefined ? pass : provide(context)(tool.call(call))
            }
          }
        }
      }
    })
  )

/**
 * The params of a start, with these tools beside those that are in it already.
 *
 * @internal
 */
export const withSpecs = (
  params: ThreadStartParams,
  specs: ReadonlyArray<DynamicToolSpec>
): ThreadStartParams =>
  specs.length === 0 ? params : {
    ...params,
    // The server takes the tools all with their `type` or all without.
    dynamicTools: [...(params.dynamicTools ?? []).map((spec) => ({ type: "function" as const, ...spec })), ...specs]
  }

const entriesOf = (tools: ReadonlyArray<Any>): ReadonlyArray<readonly [key: string, tool: Tool<unknown>]> =>
  tools.flatMap((tool) =>
    tool._tag === "Tool"
      ? [[keyOf(undefined, tool.name), tool] as const]
      : tool.tools.map((inner) => [keyOf(tool.name, inner.name), inner] as const)
  )

const keyOf = (namespace: string | null | undefined, name: string) => JSON.stringify([namespace ?? null, name])

type Problems = ReadonlyArray<string>

const specsOf = (tools: ReadonlyArray<Any>): Either.Either<ReadonlyArray<DynamicToolSpec>, Problems> => {
  const problems: Array<string> = duplicates(tools)
  const functionOf = (tool: Tool<unknown>, path: string, deferLoading?: true) => {
    problems.push(...nameProblems(path, tool.name, 128))
    const inputSchema = Either.getOrElse(inputSchemaOf(tool), (problem) => void problems.push(`${path}: ${problem}`))
    const { description, name } = tool
    return { type: "function", name, description, inputSchema, ...(deferLoading ? { deferLoading } : {}) } as const
  }
  const specs = tools.map((tool): DynamicToolSpec => {
    if (tool._tag === "Tool") {
      return functionOf(tool, tool.name)
    }
    const { deferLoading, description, name, tools } = tool
    problems.push(
      ...nameProblems(name, name, 64),
      ...duplicates(tools, name),
      ...(tools.length === 0 ? [`${name}: a namespace needs a tool`] : [])
    )
    return {
      type: "namespace",
      name,
      description,
      tools: tools.map((inner) => functionOf(inner, `${name}.${inner.name}`, deferLoading || undefined))
    }
  })
  return problems.length > 0 ? Either.left(problems) : Either.right(specs)
}

/** What the server refuses, as observed. */
const nameProblems = (path: string, name: string, maxLength: number): Problems => [
  ...(/^[a-zA-Z0-9_-]+$/.test(name) ? [] : [`${path}: a name is made of letters, digits, _ and -`]),
  ...(name.length <= maxLength ? [] : [`${path}: the name is longer than ${maxLength} characters`]),
  ...(name.startsWith("mcp__") ? [`${path}: names that begin with mcp__ are taken by the server`] : [])
]

const duplicates = (tools: ReadonlyArray<Any>, namespace?: string): Array<string> =>
  Array.from(
    new Set(tools.flatMap(({ _tag, name }, index) =>
      tools.some((other, before) => before < index && other._tag === _tag && other.name === name)
        ? [`${namespace === undefined ? "" : `${namespace}.`}${name}: there are several of this name`]
        : []
    ))
  )

const inputSchemaOf = ({ parameters }: Tool<unknown>): Either.Either<unknown, string> =>
  Either.try({
    try: () => {
      const $defs = {}
      // A model takes no reference for the whole.
      const schema = JSONSchema.fromAST(parameters.ast, { definitions: $defs, topLevelReferenceStrategy: "skip" })
      return Object.keys($defs).length === 0 ? schema : { ...schema, $defs }
    },
    catch: (cause) => cause instanceof Error ? cause.message : String(cause)
  }).pipe(
    Either.flatMap((schema): Either.Either<unknown, string> => {
      if ("$id" in schema && schema.$id === "/schemas/%7B%7D") {
        return Either.right({ type: "object", properties: {}, required: [], additionalProperties: false })
      }
      return "type" in schema && schema.type === "object"
        ? Either.right(schema)
        : Either.left("the parameters have to be encoded as an object, by a struct or a record")
    })
  )
