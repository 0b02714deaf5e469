import { ScriptedModel } from "@effect-codex/testing"
import { Tool, Toolkit } from "@effect/ai"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

/** What the handlers need, from where their Layer is built. */
export class Tickets extends Context.Tag("Tickets")<Tickets, { readonly title: (id: number) => string | undefined }>() {
  static Live = Layer.succeed(Tickets, { title: (id) => id === 1 ? "It rains in" : undefined })
}

export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { id: Schema.Int }) {}

const ticket = {
  description: "Looks up a ticket by its number.",
  parameters: { id: Schema.Int },
  success: Schema.Struct({ title: Schema.String, opened: Schema.Date }),
  failure: NotFound
}

export const Desk = Toolkit.make(
  Tool.make("ticket", { ...ticket, failureMode: "return" }),
  Tool.make("strict_ticket", ticket),
  Tool.make("close_all", { description: "Closes all tickets.", success: Schema.String })
)

const opened = new Date(0)

export const DeskLive = Desk.toLayer(Effect.gen(function*() {
  const tickets = yield* Tickets
  const find = ({ id }: { readonly id: number }) => {
    const title = tickets.title(id)
    return title === undefined ? new NotFound({ id }) : Effect.succeed({ title, opened })
  }
  return { ticket: find, strict_ticket: find, close_all: () => Effect.dieMessage("the secret") }
})).pipe(Layer.provide(Tickets.Live))

/** What the model is told of ticket 1. */
export const found = `{"title":"It rains in","opened":"1970-01-01T00:00:00.000Z"}`

/** Calls the tool that the user names, `ticket 1`, and repeats what it heard. */
export const script = ({ toolOutputs, userText }: ScriptedModel.ModelRequest) => {
  const [name = "", id] = userText.split(" ")
  return toolOutputs.length > 0
    ? ScriptedModel.text(`I heard: ${toolOutputs.map(({ text }) => text).join(" & ")}`)
    : ScriptedModel.toolCall({ name, arguments: id === undefined ? {} : { id: Number(id) } })
}
