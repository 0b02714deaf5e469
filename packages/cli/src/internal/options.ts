import type { ProcessTransport } from "@effect-codex/node"
import type * as Thread from "@effect-codex/sdk/Thread"
import * as Args from "@effect/cli/Args"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Options from "@effect/cli/Options"
import * as ValidationError from "@effect/cli/ValidationError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { pipe } from "effect/Function"
import * as Option from "effect/Option"
import { usage } from "./failure.js"

const described = (text: string) => Options.withDescription(text)

const invalid = (what: string) => ValidationError.invalidValue(HelpDoc.p(what))

// arguments

/**
 * Marks what is an argument and no option, whatever it looks like. No argument of a process has it.
 *
 * @internal
 */
export const verbatim = "\u0000"

/**
 * A positional argument. The parser takes an option that it does not know for one, and so would run a misspelt
 * `--modle` as a prompt.
 *
 * @internal
 */
export const positional = (name: string, description: string): Args.Args<string> =>
  Args.text({ name }).pipe(
    Args.withDescription(description),
    Args.mapEffect((value) =>
      value.startsWith("-") && value !== "-"
        ? Effect.fail(HelpDoc.p(
          `'${value}' is an option that is not known here, or one that misses its value. ` +
            "What begins with a dash and is no option stands after '--'."
        ))
        : Effect.succeed(value.startsWith(verbatim) ? value.slice(1) : value)
    )
  )

// what starts codex

/** @internal */
export const server = {
  binary: Options.text("binary").pipe(
    Options.withPseudoName("path"),
    described("The codex to run, in place of the one that is found"),
    Options.optional
  ),
  codexHome: Options.text("codex-home").pipe(
    Options.withPseudoName("folder"),
    described("Configuration, sessions and login, in place of ~/.codex"),
    Options.optional
  ),
  config: Options.text("config").pipe(
    Options.withAlias("c"),
    Options.withPseudoName("key=value"),
    described("Override a setting of config.toml; no place for secrets"),
    Options.repeated
  )
}

/** @internal */
export interface ServerOptions {
  readonly binary: Option.Option<string>
  readonly codexHome: Option.Option<string>
  readonly config: ReadonlyArray<string>
}

/**
 * How the process is started.
 *
 * @internal
 */
export const processOptions = Effect.fnUntraced(function*({ binary, codexHome, config }: ServerOptions) {
  const settings: { [key: string]: string | number | boolean } = {}
  for (const setting of config) {
    const at = setting.indexOf("=")
    if (at < 1) {
      return yield* usage(
        `--config takes key=value, and not '${setting}'.`,
        "For example: -c model_reasoning_effort=high"
      )
    }
    settings[setting.slice(0, at).trim()] = valueOf(setting.slice(at + 1).trim())
  }
  const options: ProcessTransport.Options = {
    config: settings,
    ...(Option.isSome(binary) ? { binary: binary.value } : {}),
    ...(Option.isSome(codexHome) ? { codexHome: yield* folder("--codex-home", codexHome.value) } : {})
  }
  return options
})

const valueOf = (text: string): string | number | boolean =>
  text === "true" ? true : text === "false" ? false : /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text

const folder = Effect.fnUntraced(function*(option: string, given: string) {
  const path = (yield* Path.Path).resolve(given)
  const info = yield* Effect.option(Effect.flatMap(FileSystem.FileSystem, (fs) => fs.stat(path)))
  return Option.isSome(info) && info.value.type === "Directory"
    ? path
    : yield* usage(`${option}: there is no folder ${path}.`)
})

// what a thread is started with

/** @internal */
export const thread = {
  cwd: Options.text("cwd").pipe(
    Options.withAlias("C"),
    Options.withPseudoName("folder"),
    described("Where codex works; this folder unless given"),
    Options.optional
  ),
  model: Options.text("model").pipe(
    Options.withAlias("m"),
    Options.withPseudoName("name"),
    described("The model; `effect-codex models` lists them"),
    Options.optional
  ),
  effort: Options.text("effort").pipe(
    Options.withPseudoName("level"),
    described("How much the model thinks"),
    Options.optional
  ),
  sandbox: Options.choice("sandbox", ["read-only", "workspace-write", "danger-full-access"]).pipe(
    Options.withAlias("s"),
    described("What commands may touch"),
    Options.optional
  ),
  approvalPolicy: Options.choice("approval-policy", ["untrusted", "on-request", "never"]).pipe(
    Options.withAlias("a"),
    described("When codex asks before it acts; where there is no terminal to ask on, it is declined"),
    Options.optional
  ),
  resume: Options.text("resume").pipe(
    Options.withPseudoName("id|last"),
    described("Go on with a thread: by its id, or the last one of this folder"),
    Options.optional
  ),
  ephemeral: Options.boolean("ephemeral").pipe(described("Store nothing of the thread"))
}

/** @internal */
export interface ThreadOptions {
  readonly cwd: Option.Option<string>
  readonly model: Option.Option<string>
  readonly effort: Option.Option<string>
  readonly sandbox: Option.Option<"read-only" | "workspace-write" | "danger-full-access">
  readonly approvalPolicy: Option.Option<"untrusted" | "on-request" | "never">
  readonly resume: Option.Option<string>
  readonly ephemeral: boolean
}

/**
 * The folder of the thread, and what both starting and resuming one take.
 *
 * @internal
 */
export const threadOptions = Effect.fnUntraced(function*({ approvalPolicy, cwd, model, sandbox }: ThreadOptions) {
  const path = Option.isSome(cwd) ? yield* folder("--cwd", cwd.value) : undefined
  return {
    ...(path === undefined ? {} : { cwd: path }),
    ...(Option.isSome(model) ? { model: model.value } : {}),
    ...(Option.isSome(sandbox) ? { sandbox: sandbox.value } : {}),
    ...(Option.isSome(approvalPolicy) ? { approvalPolicy: approvalPolicy.value } : {})
  } satisfies Thread.StartOptions
})

// limits

/** @internal */
export const atLeastOne = (name: string, option: Options.Options<number>): Options.Options<number> =>
  Options.mapEffect(
    option,
    (value) =>
      value >= 1
        ? Effect.succeed(value)
        : Effect.fail(invalid(`${name} takes a whole number from 1 on, and not ${value}.`))
  )

/** @internal */
export const limits = {
  maxDuration: Options.text("max-duration").pipe(
    Options.withPseudoName("duration"),
    described("Stop the turn after this time, such as 90s, 10m or 1h"),
    Options.mapEffect((text) =>
      Option.match(durationOf(text), {
        onNone: () => Effect.fail(invalid(`--max-duration takes a time such as 90s, 10m or 1h, and not '${text}'.`)),
        onSome: Effect.succeed
      })
    ),
    Options.optional
  ),
  maxTokens: Options.integer("max-tokens").pipe(
    Options.withPseudoName("count"),
    described("Stop the turn once it has used more tokens"),
    (option) => atLeastOne("--max-tokens", option),
    Options.optional
  ),
  maxItems: Options.integer("max-items").pipe(
    Options.withPseudoName("count"),
    described("Stop the turn once it has made more steps"),
    (option) => atLeastOne("--max-items", option),
    Options.optional
  )
}

/** @internal */
export const durationOf = (text: string): Option.Option<Duration.Duration> => {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)?$/.exec(text.trim()) ?? []
  const sizes: { readonly [unit: string]: number } = { ms: 1, s: 1000, "": 1000, m: 60_000, min: 60_000, h: 3_600_000 }
  return pipe(
    Option.fromNullable(number),
    Option.map((number) => Duration.millis(Number(number) * (sizes[unit] ?? 1000))),
    Option.filter(Duration.greaterThan(Duration.zero))
  )
}

// what is shown

/** @internal */
export const json = Options.boolean("json").pipe(described("Print JSON"))

/** @internal */
export const display = {
  noProgress: Options.boolean("no-progress").pipe(described("Plain lines on stderr in place of the live one")),
  quiet: Options.boolean("quiet").pipe(Options.withAlias("q"), described("Nothing but errors on stderr"))
}
