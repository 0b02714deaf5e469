import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as CliOptions from "@effect/cli/Options"
import * as Chat from "./chat.js"
import * as Doctor from "./doctor.js"
import * as Login from "./login.js"
import * as Models from "./models.js"
import * as Options from "./options.js"
import * as Recording from "./recording.js"
import * as Run from "./run.js"
import * as Threads from "./threads.js"

const flag = (name: string, description: string) =>
  CliOptions.boolean(name).pipe(CliOptions.withDescription(description))

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

const threadId = Options.positional("id", "The thread's id, or last")

const threads = Command.make("threads", {
  json: Options.json,
  all: flag("all", "Those of every folder, not only of this one"),
  archived: flag("archived", "Those that were put away"),
  cwd: CliOptions.text("cwd").pipe(
    CliOptions.withAlias("C"),
    CliOptions.withPseudoName("folder"),
    CliOptions.withDescription("Those of this folder"),
    CliOptions.optional
  ),
  search: CliOptions.text("search").pipe(
    CliOptions.withPseudoName("text"),
    CliOptions.withDescription("Those with this in their title"),
    CliOptions.optional
  ),
  limit: CliOptions.integer("limit").pipe(
    CliOptions.withAlias("n"),
    CliOptions.withPseudoName("count"),
    CliOptions.withDescription("How many; 20 unless given"),
    (option) => Options.atLeastOne("--limit", option),
    CliOptions.withDefault(20)
  ),
  ...Options.server
}, Threads.list).pipe(
  Command.withDescription("List the stored threads"),
  Command.withSubcommands([
    Command.make("show", { id: threadId, json: Options.json, ...Options.server }, Threads.show).pipe(
      Command.withDescription("Print a thread with its turns")
    ),
    Command.make("archive", { id: threadId, ...Options.server }, Threads.archive).pipe(
      Command.withDescription("Put a thread away")
    ),
    Command.make("unarchive", { id: threadId, ...Options.server }, Threads.unarchive).pipe(
      Command.withDescription("Take a thread out of the archive")
    ),
    Command.make(
      "delete",
      { id: threadId, yes: flag("yes", "It is meant"), ...Options.server },
      Threads.remove
    ).pipe(Command.withDescription("Delete a thread for good"))
  ])
)

const models = Command.make(
  "models",
  { json: Options.json, all: flag("all", "Also those that are hidden"), ...Options.server },
  Models.models
).pipe(Command.withDescription("List the models that the account can use"))

const login = Command.make("login", {
  device: flag("device", "By a code that is typed in on any machine"),
  apiKey: flag("api-key", "With an API key, read from stdin"),
  ...Options.server
}, Login.login).pipe(
  Command.withDescription("Log in, by a browser on this machine unless told otherwise"),
  Command.withSubcommands([
    Command.make("status", { json: Options.json, ...Options.server }, Login.status).pipe(
      Command.withDescription("Who is logged in, and what is used up")
    )
  ])
)

const logout = Command.make("logout", Options.server, Login.logout).pipe(
  Command.withDescription("Log out")
)

const doctor = Command.make("doctor", { json: Options.json, ...Options.server }, Doctor.doctor).pipe(
  Command.withDescription("Look whether everything is in place, and what to do where it is not")
)

const file = Options.positional("file", "The transcript")

const record = Command.make("record", { file, ...runConfig }, Recording.record).pipe(
  Command.withDescription("Run one turn, and keep what passes between here and codex in a file")
)

const replay = Command.make("replay", { file, ...runConfig }, Recording.replay).pipe(
  Command.withDescription("Run a recorded turn again, without codex, account or cost")
)

/** @internal */
export const command = Command.make("effect-codex").pipe(
  Command.withDescription("Codex on the command line"),
  Command.withSubcommands([run, chat, threads, models, login, logout, doctor, record, replay])
)
