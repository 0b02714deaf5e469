import { CodexBinary } from "@effect-codex/node"
import { COMPARED_VERSIONS, PROTOCOL_VERSION } from "@effect-codex/protocol/ProtocolVersion"
import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import * as CodexTest from "@effect-codex/testing/CodexTest"
import * as ScriptedModel from "@effect-codex/testing/ScriptedModel"
import type { DurationInput } from "effect/Duration"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Stdio } from "../Stdio.js"
import * as Account from "./accountText.js"
import { explain, isCommandError } from "./explain.js"
import { Ended, exitCode } from "./failure.js"
import * as Format from "./format.js"
import type { ServerOptions } from "./options.js"
import * as Options from "./options.js"
import * as Session from "./session.js"

/** @internal */
export interface Check {
  readonly name: string
  readonly status: "ok" | "warn" | "fail"
  readonly detail: string
  readonly fix?: string | undefined
}

type Finding = Omit<Check, "name">

const ok = (detail: string): Finding => ({ status: "ok", detail })
const warn = (detail: string, fix?: string): Finding => ({ status: "warn", detail, fix })
const fail = (detail: string, fix?: string): Finding => ({ status: "fail", detail, fix })

const failedBy = (error: unknown): Finding => {
  if (isCommandError(error)) {
    const { fix, what } = explain(error)
    return fail(what, fix?.includes("effect-codex doctor") === true ? undefined : fix)
  }
  return fail(error instanceof Error ? error.message : String(error))
}

/** One look at something, which takes no longer than it may. */
const check = <E, R>(name: string, within: DurationInput, look: Effect.Effect<Finding, E, R>): Effect.Effect<
  Check,
  never,
  R
> =>
  look.pipe(
    Effect.catchAll((error) => Effect.succeed(failedBy(error))),
    Effect.disconnect,
    Effect.timeoutTo({
      duration: within,
      onSuccess: (finding) => finding,
      onTimeout: () => fail(`took longer than ${Duration.format(Duration.decode(within))}`)
    }),
    Effect.map((finding) => ({ name, ...finding }))
  )

/**
 * What is to be thought of a release of codex, as docs/compatibility.md says.
 *
 * @internal
 */
export const releaseFinding = (version: string): Finding => {
  const oldest = COMPARED_VERSIONS[0] ?? PROTOCOL_VERSION
  if (version.startsWith("0.0.0")) {
    return warn(`${version}: built from its sources, of no release that is known`)
  }
  if (isOlder(version, oldest)) {
    return warn(
      `${version} is older than ${oldest}, the oldest release that is tested`,
      `npm install -g @openai/codex@${PROTOCOL_VERSION}`
    )
  }
  if (isOlder(PROTOCOL_VERSION, version)) {
    return ok(`${version}, newer than ${PROTOCOL_VERSION}, which effect-codex is made for`)
  }
  return ok(version === PROTOCOL_VERSION ? version : `${version}; effect-codex is made for ${PROTOCOL_VERSION}`)
}

const isOlder = (version: string, than: string): boolean => {
  const numbers = (text: string) => text.split(/[.+-]/, 3).map(Number)
  const [a, b] = [numbers(version), numbers(than)]
  const at = [0, 1, 2].find((i) => (a[i] ?? 0) !== (b[i] ?? 0))
  return at !== undefined && (a[at] ?? 0) < (b[at] ?? 0)
}

/**
 * What the user agent of the handshake says.
 *
 * @internal
 */
export const releaseOf = (userAgent: string): string | undefined => /\/(\d+\.\d+\.\d+\S*) \(/.exec(userAgent)?.[1]

const nodeFinding = (version: string): Finding =>
  Number(version.split(".")[0]) >= 20 ? ok(version) : fail(`${version} is too old`, "Install Node.js 20 or later.")

const checkServer = (options: ServerOptions) =>
  Effect.gen(function*() {
    const context = yield* Layer.build(Session.codex(options))
    const appServer = yield* Effect.provide(AppServer, context)
    return appServer
  })

/** Is one message enough to see that all of it works? It has to pass the process, the protocol, HTTP and the model. */
const greeting = "All is well."

const testTurn = (binary: string) =>
  Effect.gen(function*() {
    const codex = yield* Codex.Codex
    const thread = yield* codex.startThread({ ephemeral: true })
    const { durationMs, finalResponse } = yield* thread.run("Is all well?")
    return finalResponse === greeting
      ? ok(`a turn on a scripted model${durationMs === null ? "" : `, ${Format.duration(durationMs)}`}`)
      : fail(`the model said '${greeting}', and the turn came to '${finalResponse ?? ""}'`)
  }).pipe(
    Effect.provide(CodexTest.layer({ script: [ScriptedModel.text(greeting)], process: { binary } }))
  )

const checks = Effect.fnUntraced(function*(options: ServerOptions, found: (check: Check) => Effect.Effect<void>) {
  const all: Array<Check> = []
  const tell = <E, R>(look: Effect.Effect<Check, E, R>) =>
    Effect.tap(look, (check) => {
      all.push(check)
      return found(check)
    })

  yield* tell(check("node", "1 second", Effect.sync(() => nodeFinding(process.versions.node))))

  let binary: CodexBinary.CodexBinary | undefined
  yield* tell(check(
    "binary",
    "10 seconds",
    Effect.map(CodexBinary.find({ binary: Option.getOrUndefined(options.binary) }), (found) => {
      binary = found
      return ok(`${found.path} (${sources[found.source]})`)
    })
  ))

  yield* Effect.scoped(Effect.gen(function*() {
    let server: AppServer["Type"] | undefined
    yield* tell(check(
      "app-server",
      "40 seconds",
      Effect.map(checkServer(options), (started) => {
        server = started
        return ok(`answers; its home is ${started.info.codexHome}`)
      })
    ))
    if (server === undefined) {
      return
    }
    const { info, request } = server
    const version = releaseOf(info.userAgent) ?? binary?.version
    yield* tell(check(
      "version",
      "1 second",
      Effect.succeed(version === undefined ? warn("codex does not tell its version") : releaseFinding(version))
    ))
    yield* tell(check(
      "config",
      "20 seconds",
      request("config/read", {}).pipe(
        Effect.map(() => ok("config.toml is fine")),
        Effect.catchTag(
          "RequestFailed",
          ({ serverMessage }) =>
            Effect.succeed(fail(Format.oneLine(serverMessage), `Mend ${info.codexHome}/config.toml.`))
        )
      )
    ))
    yield* tell(check(
      "login",
      "20 seconds",
      Effect.map(request("account/read", {}), ({ account, requiresOpenaiAuth }) =>
        account != null
          ? ok(Account.describe(account))
          : requiresOpenaiAuth
          ? warn("nobody is logged in", "effect-codex login")
          : ok("the model that is configured needs none"))
    ))
  }))

  if (binary !== undefined) {
    yield* tell(check("turn", "60 seconds", testTurn(binary.path)))
  }
  return all
})

const sources = { explicit: "--binary", package: "the installed @openai/codex", PATH: "on the PATH" } as const

/** @internal */
export interface DoctorOptions extends ServerOptions {
  readonly json: boolean
}

/**
 * A line for each check, and what to do about it.
 *
 * @internal
 */
export const render = ({ detail, fix, name, status }: Check, style: Format.Style): string => {
  const sign = { ok: style.green("✓ ok  "), warn: style.yellow("! warn"), fail: style.red("✗ fail") }[status]
  const indent = " ".repeat(21)
  const text = Format.printable(detail).split("\n").join(`\n${indent}`)
  return `${sign}  ${style.bold(name.padEnd(11))}  ${text}${
    fix === undefined ? "" : `\n${indent}${style.dim("→")} ${Format.printable(fix)}`
  }\n`
}

/**
 * Looks whether everything is in place, and says what to do where it is not.
 *
 * @internal
 */
export const doctor = (options: DoctorOptions) =>
  Effect.gen(function*() {
    const { env, stdout } = yield* Stdio
    const style = Format.styleOf(stdout.isTTY, env)
    yield* Options.processOptions(options)
    let closed = false
    const all = yield* checks(options, (check) =>
      options.json || closed ?
        Effect.void :
        Effect.catchAll(stdout.write(render(check, style)), () =>
          Effect.sync(() => {
            closed = true
          })))
    const failed = all.some(({ status }) => status === "fail")
    if (options.json) {
      yield* stdout.write(`${JSON.stringify({ ok: !failed, checks: all }, undefined, 2)}\n`)
    }
    if (failed) {
      return yield* new Ended({ code: exitCode.failed })
    }
  })
