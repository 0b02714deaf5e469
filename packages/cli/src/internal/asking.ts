import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import * as Terminal from "@effect/platform/Terminal"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Service as Stdio } from "../Stdio.js"
import * as Format from "./format.js"
import type { Screen } from "./screen.js"

/**
 * A terminal for questions, which writes to stderr and has the screen for itself while one is asked.
 *
 * @internal
 */
export const terminal = (base: Terminal.Terminal, stdio: Stdio, screen: Screen): Terminal.Terminal => ({
  ...base,
  isTTY: Effect.succeed(stdio.stdin.isTTY),
  readInput: Effect.zipRight(screen.hold, base.readInput),
  display: screen.display
})

/**
 * What answers codex: the person at the terminal, if there is one. Else it is declined, and told why.
 *
 * @internal
 */
export const layer = (
  stdio: Stdio,
  screen: Screen
): Layer.Layer<never, never, Terminal.Terminal> => {
  if (stdio.stdin.isTTY && stdio.stderr.isTTY) {
    return ServerRequests.layer(ServerRequests.askOnTerminal).pipe(
      Layer.provide(Layer.effect(
        Terminal.Terminal,
        Effect.map(Terminal.Terminal, (base) => terminal(base, stdio, screen))
      ))
    )
  }
  const style = Format.styleOf(stdio.stderr.isTTY, stdio.env)
  const tell = (what: string) =>
    Effect.zipRight(
      screen.note(
        `${style.yellow("!")} declined, as there is no terminal to ask on: ${Format.oneLine(what)}`
      ),
      ServerRequests.pass
    )
  return ServerRequests.layer({
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
  })
}
