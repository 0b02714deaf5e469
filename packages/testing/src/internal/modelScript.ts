import * as Effect from "effect/Effect"
import type * as ScriptedModel from "../ScriptedModel.js"
import { verbatimCode } from "./modelReply.js"

/** @internal */
export type Ending = ScriptedModel.ReplyFailure["ending"]

/** @internal */
export type Respond = (request: ScriptedModel.ModelRequest) => Effect.Effect<ScriptedModel.Reply, Ending>

/**
 * What the script has for a request: a reply, or an effect that is still to be run.
 *
 * @internal
 */
export type Select = (
  request: ScriptedModel.ModelRequest
) => ScriptedModel.Reply | Effect.Effect<ScriptedModel.Reply, Ending>

const isList = (
  value: ScriptedModel.Script | ScriptedModel.Entry | ReadonlyArray<ScriptedModel.Entry>
): value is ReadonlyArray<ScriptedModel.Entry> => Array.isArray(value)

const fromEntry = (entry: ScriptedModel.Entry): ReturnType<Select> =>
  Effect.isEffect(entry) ? Effect.mapError(entry, (failure) => failure.ending) : entry

const noEntry = (request: ScriptedModel.ModelRequest, why: string): Effect.Effect<never, Ending> =>
  Effect.fail({
    _tag: "Fail",
    code: verbatimCode,
    message:
      `The scripted model has no reply: ${why}. This is request ${request.index + 1}, and its last user text is ` +
      `${JSON.stringify(request.userText)}. Add an entry to the script.`
  })

const inOrder = (entries: ReadonlyArray<ScriptedModel.Entry>, name: string): Select => {
  let next = 0
  return (request) => {
    const entry = entries[next++]
    return entry === undefined
      ? noEntry(request, `${name} ended after ${entries.length} entries`)
      : fromEntry(entry)
  }
}

const byUserText = (cases: {
  readonly [userText: string]: ScriptedModel.Entry | ReadonlyArray<ScriptedModel.Entry>
}): Select => {
  const selects = new Map<string, Select>()
  for (const [userText, entry] of Object.entries(cases)) {
    selects.set(
      userText,
      isList(entry)
        ? inOrder(entry, `the script for ${JSON.stringify(userText)}`)
        : () => fromEntry(entry)
    )
  }
  const known = Object.keys(cases).map((userText) => JSON.stringify(userText)).join(", ")
  return (request) =>
    selects.get(request.userText)?.(request) ?? noEntry(request, `the script knows these texts only: ${known}`)
}

/** @internal */
export const select = (script: ScriptedModel.Script): Select => {
  if (typeof script === "function") {
    return (request) => fromEntry(script(request))
  }
  return isList(script) ? inOrder(script, "the script") : byUserText(script)
}

/**
 * Each run starts the script from its beginning.
 *
 * @internal
 */
export const start = (script: ScriptedModel.Script): Effect.Effect<Respond> =>
  Effect.sync(() => {
    const selected = select(script)
    return (request) =>
      Effect.suspend(() => {
        const entry = selected(request)
        return Effect.isEffect(entry) ? entry : Effect.succeed(entry)
      })
  })
