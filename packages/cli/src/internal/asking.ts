import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import * as Terminal from "@effect/platform/Terminal"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Service as Stdio } from "../Stdio.js"
import * as Format from "./format.js"
import type { Screen } from "./screen.js"

/**
 * What answers codex: the person at the terminal, if there is one. Else it is declined, and told why.
 *
 * @internal
 */
export interface Asking {
  readonly layer: Layer.Layer<never, never, Terminal.Terminal>
  /** Whether a question has the terminal. */
  readonly isAsking: () => boolean
}

/** @internal */
export const make = (stdio: Stdio, screen: Screen): Asking => {
  let asked = 0
  const whileAsked = Effect.acquireRelease(
    Effect.sync(() => void asked++),
    () => Effect.sync(() => void asked--)
  )
  /** It writes to stderr, and has the screen for itself while something is asked. */
  const terminal = Effect.map(Terminal.Terminal, (base): Terminal.Terminal => ({
    ...base,
    isTTY: Effect.succeed(stdio.stdin.isTTY),
    readInput: Effect.zipRight(Effect.zipRight(whileAsked, screen.hold), base.readInput),
    display: screen.display
  }))
  return {
    isAsking: () => asked > 0,
    layer: stdio.stdin.isTTY && stdio.stderr.isTTY
      ? Layer.provide(
        ServerRequests.layer(ServerRequests.askOnTerminal),
        Layer.effect(Terminal.Terminal, terminal)
      )
      : ServerRequests.layer(declined(stdio, screen))
  }
}

const declined = (stdio: Stdio, screen: Screen) => {
  const style = Format.styleOf(stdio.stderr.isTTY, stdio.env)
  const tell = (what: string) =>
    Effect.zipRight(
      screen.note(`${style.yellow("!")} declined, as there is no terminal to ask on: ${Format.oneLine(what)}`),
      ServerRequests.pass
    )
  return {
    commandApproval: ({ command }) => tell(command ?? "a command"),
    fileChangeApproval: ({ changes }) => tell(`changes of ${changes?.map(({ path }) => path).join(", ") ?? "files"}`),
    permissionsApproval: () => tell("more permissions"),
    userInput: ({ questions }) => tell(questions.map(({ question }) => question).join(" ")),
    elicitation: (request) =>
      tell(
        request.mode === "$unknown"
          ? "a question of an MCP server"
          : `a question of the MCP server ${request.serverName}`
      )
  } satisfies ServerRequests.Handlers
}
