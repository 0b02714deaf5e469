import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as CliOptions from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Chat from "./chat.js"
import type { DoctorOptions } from "./doctor.js"
import type * as Help from "./help.js"
import * as Login from "./login.js"
import * as Models from "./models.js"
import * as Options from "./options.js"
import type { RecordOptions } from "./recording.js"
import * as Run from "./run.js"
import * as Threads from "./threads.js"

const exitCodes =
  "It ends with 0 when the turn is done, 1 when it failed, 2 when the command line makes no sense, 3 when codex " +
  "cannot be reached, 4 when a limit stopped it, 5 when the answer is no JSON, 130 when it was interrupted."

const page = <Name extends string, R, E, A>(
  path: ReadonlyArray<string>,
  command: Command.Command<Name, R, E, A>,
  summary: string,
  usage: string,
  examples: ReadonlyArray<string>,
  notes?: string
): Help.Page => ({
  path,
  summary,
  usage,
  doc: (config) => Command.getHelp(command, config),
  examples,
  ...(notes === undefined ? {} : { notes })
})

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

const threadId = Options.positional("id", "The thread's id; last is the one of this folder that was changed last")

const storedId = Options.positional("id", "The thread's id")

const show = Command.make("show", { id: threadId, json: Options.json, ...Options.server }, Threads.show).pipe(
  Command.withDescription("Print a thread with its turns")
)

const archive = Command.make("archive", { id: threadId, ...Options.server }, Threads.archive).pipe(
  Command.withDescription("Put a thread away")
)

const unarchive = Command.make("unarchive", { id: storedId, ...Options.server }, Threads.unarchive).pipe(
  Command.withDescription("Take a thread out of the archive")
)

const remove = Command.make(
  "delete",
  { id: storedId, yes: flag("yes", "It is meant"), ...Options.server },
  Threads.remove
).pipe(Command.withDescription("Delete a thread for good"))

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
  Command.withSubcommands([show, archive, unarchive, remove])
)

const models = Command.make(
  "models",
  { json: Options.json, all: flag("all", "Also those that are hidden"), ...Options.server },
  Models.models
).pipe(Command.withDescription("List the models that the account can use"))

const loginStatus = Command.make("status", { json: Options.json, ...Options.server }, Login.status).pipe(
  Command.withDescription("Say who is logged in, and what is used up")
)

const login = Command.make("login", {
  device: flag("device", "By a code that is typed in on any machine"),
  apiKey: flag("api-key", "With an API key, read from stdin"),
  ...Options.server
}, Login.login).pipe(
  Command.withDescription("Log in, by a browser on this machine unless told otherwise"),
  Command.withSubcommands([loginStatus])
)

const logout = Command.make("logout", Options.server, Login.logout).pipe(
  Command.withDescription("Log out")
)

// What stands on the harnesses for tests is loaded when it is run, since it is half as large as all the rest.
const doctorLater = (options: DoctorOptions) =>
  Effect.flatMap(Effect.promise(() => import("./doctor.js")), ({ doctor }) => doctor(options))

const recordLater = (options: RecordOptions) =>
  Effect.flatMap(Effect.promise(() => import("./recording.js")), ({ record }) => record(options))

const replayLater = (options: RecordOptions) =>
  Effect.flatMap(Effect.promise(() => import("./recording.js")), ({ replay }) => replay(options))

const doctor = Command.make("doctor", { json: Options.json, ...Options.server }, doctorLater).pipe(
  Command.withDescription("Look whether everything is in place, and what to do where it is not")
)

const file = Options.positional("file", "The transcript")

const record = Command.make("record", { file, ...runConfig }, recordLater).pipe(
  Command.withDescription("Run one turn, and keep what passes between here and codex in a file")
)

const replay = Command.make("replay", { file, ...runConfig }, replayLater).pipe(
  Command.withDescription("Run a recorded turn again, without codex, account or cost")
)

/** @internal */
export const command = Command.make("effect-codex").pipe(
  Command.withDescription("Codex on the command line"),
  Command.withSubcommands([run, chat, threads, models, login, logout, doctor, record, replay])
)

/**
 * The pages of `--help`, in the order in which they are listed.
 *
 * @internal
 */
export const pages: ReadonlyArray<Help.Page> = [
  page([], command, "Codex on the command line.", "<command>", [
    "effect-codex run \"What does this repository do?\"",
    "git diff | effect-codex run - --sandbox read-only > review.md",
    "effect-codex chat",
    "effect-codex doctor"
  ], "`effect-codex <command> --help` says more of each."),
  page(["run"], run, "Run one turn and print the answer.", "[options] [prompt]", [
    "effect-codex run \"What does this repository do?\"",
    "effect-codex run --resume last \"And in one sentence?\"",
    "git log -5 | effect-codex run --sandbox read-only > notes.md",
    "effect-codex run --output-schema schema.json \"List the open tasks.\" | jq .",
    "effect-codex run --json \"Fix the tests.\" --max-duration 10m"
  ], exitCodes),
  page(["chat"], chat, "Talk with codex, turn after turn.", "[options]", [
    "effect-codex chat",
    "effect-codex chat --resume last",
    "effect-codex chat --approval-policy untrusted"
  ], "Ctrl-C stops the turn that runs; where none runs, it leaves, as Ctrl-D does. /help lists what else there is."),
  page(["threads"], threads, "List the stored threads.", "[options]", [
    "effect-codex threads",
    "effect-codex threads --all --search release",
    "effect-codex threads --json | jq -r '.[].id'"
  ]),
  page(["threads", "show"], show, "Print a thread with its turns.", "[options] <id>", [
    "effect-codex threads show last"
  ]),
  page(["threads", "archive"], archive, "Put a thread away.", "[options] <id>", ["effect-codex threads archive last"]),
  page(["threads", "unarchive"], unarchive, "Take a thread out of the archive.", "[options] <id>", [
    "effect-codex threads --archived",
    "effect-codex threads unarchive 01a223b0-950b-7e60-8342-5375609a4a53"
  ]),
  page(["threads", "delete"], remove, "Delete a thread for good.", "[options] <id>", [
    "effect-codex threads delete --yes 01a223b0-950b-7e60-8342-5375609a4a53"
  ]),
  page(["models"], models, "List the models that the account can use.", "[options]", [
    "effect-codex models",
    "effect-codex models --json | jq -r '.[].model'"
  ]),
  page(["login"], login, "Log in, by a browser on this machine unless told otherwise.", "[options]", [
    "effect-codex login",
    "effect-codex login --device",
    "printenv OPENAI_API_KEY | effect-codex login --api-key"
  ]),
  page(["login", "status"], loginStatus, "Say who is logged in, and what is used up.", "[options]", [
    "effect-codex login status"
  ], "It ends with 1 where nobody is logged in and the model needs it."),
  page(["logout"], logout, "Log out.", "[options]", ["effect-codex logout"]),
  page(["doctor"], doctor, "Look whether everything is in place, and say what to do where it is not.", "[options]", [
    "effect-codex doctor",
    "effect-codex doctor --json",
    "effect-codex doctor --binary ./codex --codex-home /srv/codex"
  ], "It ends with 1 where a check fails. Its turn runs on a model of its own and costs nothing."),
  page(
    ["record"],
    record,
    "Run one turn, and keep what passes between here and codex in a file.",
    "[options] <file> [prompt]",
    [
      "effect-codex record session.jsonl \"Say hello.\"",
      "effect-codex record session.jsonl run --sandbox read-only \"Say hello.\""
    ],
    "What is secret is taken out before it is written. Everything that `run` takes can be given."
  ),
  page(["replay"], replay, "Run a recorded turn again, without codex, account or cost.", "[options] <file> [prompt]", [
    "effect-codex replay session.jsonl \"Say hello.\""
  ], "It fails where it is asked for something else than what was recorded, and shows where the two differ.")
]
