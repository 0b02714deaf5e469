import { ServerNotifications } from "@effect-codex/protocol/ServerNotifications"
import type { TurnEvent } from "@effect-codex/sdk/TurnEvent"
import type { Answer } from "./answer.js"
import type { Explanation } from "./failure.js"
import type { Opened } from "./session.js"

const tagOf = (method: string): string =>
  method.split("/").map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join("")

const methods: ReadonlyMap<string, string> = new Map(
  Object.keys(ServerNotifications).map((method) => [tagOf(method), method])
)

const line = (value: { readonly type: string; readonly [member: string]: unknown }) => `${JSON.stringify(value)}\n`

/**
 * The first line.
 *
 * @internal
 */
export const thread = ({ cwd, model, resumed, thread }: Opened): string =>
  line({ type: "thread", threadId: thread.id, model, cwd, resumed })

/**
 * The line of an event: the notification as it stands on the wire.
 *
 * @internal
 */
export const event = (event: TurnEvent): string => {
  switch (event._tag) {
    case "Unknown":
    case "Undecodable":
      return line({ type: "event", method: event.method, params: event.params })
    default: {
      const { _tag, ...params } = event
      return line({ type: "event", method: methods.get(_tag) ?? _tag, params })
    }
  }
}

/**
 * The last line of a turn that completed; `output` is there where a schema was asked for.
 *
 * @internal
 */
export const result = (
  threadId: string,
  { durationMs, finalResponse, status, turnId, usage }: Answer,
  output?: { readonly value: unknown }
): string =>
  line({
    type: "result",
    threadId,
    turnId,
    status,
    finalResponse,
    ...(output === undefined ? {} : { output: output.value }),
    usage,
    durationMs
  })

/**
 * The last line of everything else.
 *
 * @internal
 */
export const failure = (
  name: string,
  { code, fix, what }: Explanation,
  turn?: { readonly threadId: string; readonly answer: Answer }
): string =>
  line({
    type: "error",
    error: name,
    message: what,
    ...(fix === undefined ? {} : { fix }),
    exitCode: code,
    ...(turn === undefined ? {} : {
      threadId: turn.threadId,
      turnId: turn.answer.turnId,
      status: turn.answer.status,
      finalResponse: turn.answer.finalResponse,
      usage: turn.answer.usage
    })
  })
