import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Http from "node:http"
import type * as ScriptedModel from "../src/ScriptedModel.js"

export const userMessage = (text: string) => ({
  type: "message",
  role: "user",
  content: [{ type: "input_text", text }]
})

export const toolOutput = (callId: string, output: string) => ({
  type: "function_call_output",
  call_id: callId,
  output
})

/** An open answer to a POST: its status, and its body as it comes in. */
export interface Answer {
  readonly status: number
  readonly chunks: Stream.Stream<string, Error>
}

/** Posts a request by plain Node, and is answered when the headers have come. */
export const open = (
  model: ScriptedModel.ScriptedModel["Type"],
  input: ReadonlyArray<unknown>,
  path = "/responses"
): Effect.Effect<Answer, Error> =>
  Effect.async<Http.IncomingMessage, Error>((resume) => {
    const request = Http.request(`${model.baseUrl}${path}`, { method: "POST", agent: false }, (response) => {
      response.setEncoding("utf8")
      resume(Effect.succeed(response))
    })
    request.on("error", (error) => resume(Effect.fail(error)))
    request.end(JSON.stringify({
      model: "scripted-model",
      input,
      tools: [
        { type: "function", name: "exec_command" },
        { type: "namespace", name: "agents", tools: [{ name: "spawn_agent" }] },
        { type: "web_search" }
      ],
      client_metadata: { thread_id: "thread-1", turn_id: "turn-1" }
    }))
    return Effect.sync(() => request.destroy())
  }).pipe(
    Effect.map((response) => ({
      status: response.statusCode ?? 0,
      chunks: Stream.fromAsyncIterable<string, Cause.UnknownException>(
        response,
        (cause) => new Cause.UnknownException(cause, String(cause))
      )
    }))
  )

export const say = (model: ScriptedModel.ScriptedModel["Type"], text: string) => open(model, [userMessage(text)])

export interface Event {
  readonly type: string
  readonly [member: string]: unknown
}

/** The server-sent events of an answer, as they come in. */
export const events = (answer: Answer): Stream.Stream<Event, Error> =>
  answer.chunks.pipe(
    Stream.splitLines,
    Stream.filter((line) => line.startsWith("data: ")),
    Stream.map((line): Event => JSON.parse(line.slice("data: ".length)))
  )

export const deltas = (answer: Answer): Stream.Stream<unknown, Error> =>
  events(answer).pipe(
    Stream.filter((event) => event.type === "response.output_text.delta"),
    Stream.map((event) => event.delta)
  )

export const allEvents = (answer: Answer): Effect.Effect<ReadonlyArray<Event>, Error> =>
  Stream.runCollect(events(answer)).pipe(Effect.map((chunk) => [...chunk]))

export const allDeltas = (answer: Answer): Effect.Effect<ReadonlyArray<unknown>, Error> =>
  Stream.runCollect(deltas(answer)).pipe(Effect.map((chunk) => [...chunk]))
