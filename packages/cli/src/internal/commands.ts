import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as CliOptions from "@effect/cli/Options"
import * as Chat from "./chat.js"
import * as Options from "./options.js"
import * as Run from "./run.js"

const runConfig = {
  prompt: Options.positional("prompt", "What to ask; - or nothing reads it from stdin").pipe(Args.optional),
  json: Options.json,
  outputSchema: CliOptions.text("output-schema").pipe(
    CliOptions.withPseudoName("file"),
    CliOptions.withDescription("A JSON Schema; the answer is JSON of it"),
    CliOptions.optional
  ),
  image: CliOptions.text("image").pipe(
    CliOptions.withAlias("i"),
    CliOptions.withPseudoName("file|url"),
    CliOptions.withDescription("An image to look at"),
    CliOptions.repeated
  ),
  ...Options.thread,
  ...Options.limits,
  ...Options.display,
  ...Options.server
}

const run = Command.make("run", runConfig, Run.run).pipe(
  Command.withDescription("Run one turn and print the answer")
)

const chat = Command.make(
  "chat",
  { ...Options.thread, ...Options.display, ...Options.server },
  Chat.chat
).pipe(Command.withDescription("Talk with codex, turn after turn"))

/** @internal */
export const command = Command.make("effect-codex").pipe(
  Command.withDescription("Codex on the command line"),
  Command.withSubcommands([run, chat])
)
