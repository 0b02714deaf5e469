import type * as Server from "@effect-codex/protocol/Server"
import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import * as Path from "@effect/platform/Path"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Stdio } from "../Stdio.js"
import { usage } from "./failure.js"
import * as Format from "./format.js"
import * as Items from "./items.js"
import type { ServerOptions } from "./options.js"
import * as Session from "./session.js"

/** @internal */
export interface ListOptions extends ServerOptions {
  readonly json: boolean
  readonly all: boolean
  readonly archived: boolean
  readonly cwd: Option.Option<string>
  readonly search: Option.Option<string>
  readonly limit: number
}

const titleOf = ({ name, preview }: Server.Thread): string => Format.oneLine(name ?? preview)

/**
 * The stored threads, the one that was changed last first.
 *
 * @internal
 */
export const list = (options: ListOptions) =>
  Effect.gen(function*() {
    const { env, stderr, stdout } = yield* Stdio
    const codex = yield* Codex.Codex
    const path = yield* Path.Path
    const found = Chunk.toReadonlyArray(
      yield* codex.threads({
        sortKey: "updated_at",
        limit: Math.min(options.limit, 100),
        modelProviders: [],
        sourceKinds: Session.sourceKinds,
        ...(options.archived ? { archived: true } : {}),
        ...(options.all ? {} : { cwd: path.resolve(Option.getOrElse(options.cwd, () => ".")) }),
        ...(Option.isSome(options.search) ? { searchTerm: options.search.value } : {})
      }).pipe(Stream.take(options.limit), Stream.runCollect)
    )
    if (options.json) {
      return yield* stdout.write(`${JSON.stringify(found, undefined, 2)}\n`)
    }
    if (found.length === 0) {
      return yield* stderr.write(`No threads here${options.all ? "" : "; --all shows those of every folder"}.\n`)
    }
    const now = (yield* Clock.currentTimeMillis) / 1000
    yield* stdout.write(Format.table(
      ["ID", "CHANGED", ...(options.all ? ["FOLDER"] : []), "TITLE"],
      found.map((thread) => [
        thread.id,
        Format.ago(now - thread.updatedAt),
        ...(options.all ? [Format.oneLine(thread.cwd)] : []),
        titleOf(thread)
      ]),
      Format.styleOf(stdout.isTTY, env),
      stdout.isTTY ? yield* stdout.columns : Number.POSITIVE_INFINITY
    ))
  }).pipe(Effect.provide(Session.codex(options)))

/** @internal */
export interface OneOptions extends ServerOptions {
  readonly id: string
}

const idOf = (given: string) => given === "last" ? Session.lastThread(undefined) : Effect.succeed(given)

/**
 * A thread as a person reads it.
 *
 * @internal
 */
export const text = (thread: Server.Thread, style: Format.Style): string => {
  const date = (seconds: number) => new Date(seconds * 1000).toISOString().replace("T", " ").slice(0, 16)
  const head = [
    `${style.bold(titleOf(thread))}`,
    style.dim(`thread  ${thread.id}`),
    style.dim(`folder  ${Format.oneLine(thread.cwd)}`),
    style.dim(`made    ${date(thread.createdAt)} UTC, changed ${date(thread.updatedAt)} UTC`)
  ]
  const turns = thread.turns.flatMap(({ error, items, status }) => [
    ...items.flatMap((item) => itemText(item, style)),
    ...(status === "completed"
      ? []
      : [style.yellow(`(${status}${error == null ? "" : `: ${Format.oneLine(error.message)}`})`)])
  ])
  return [...head, "", ...turns].join("\n").trimEnd() + "\n"
}

const itemText = (item: Server.ThreadItem, style: Format.Style): ReadonlyArray<string> => {
  switch (item.type) {
    case "userMessage":
      return [
        style.cyan(
          `› ${
            item.content.map((part) => part.type === "text" ? Format.printable(part.text) : `[${part.type}]`).join(
              "\n  "
            )
          }`
        ),
        ""
      ]
    case "agentMessage":
      return [Format.printable(item.text), ""]
    default: {
      const outcome = Items.outcomeOf(item)
      return outcome === undefined ? [] : [style.dim(`${outcome.ok ? "✓" : "✗"} ${outcome.text}`)]
    }
  }
}

/** @internal */
export const show = (options: OneOptions & { readonly json: boolean }) =>
  Effect.gen(function*() {
    const { env, stdout } = yield* Stdio
    const codex = yield* Codex.Codex
    const thread = yield* codex.thread(yield* idOf(options.id)).read({ includeTurns: true })
    yield* stdout.write(
      options.json
        ? `${JSON.stringify(thread, undefined, 2)}\n`
        : text(thread, Format.styleOf(stdout.isTTY, env))
    )
  }).pipe(Effect.provide(Session.codex(options)))

/** @internal */
export const archive = (options: OneOptions) =>
  Effect.gen(function*() {
    const { stderr } = yield* Stdio
    const codex = yield* Codex.Codex
    const id = yield* idOf(options.id)
    yield* codex.thread(id).archive
    yield* stderr.write(`${id} is in the archive.\n`)
  }).pipe(Effect.provide(Session.codex(options)))

/** @internal */
export const unarchive = (options: OneOptions) =>
  Effect.gen(function*() {
    const { stderr } = yield* Stdio
    const codex = yield* Codex.Codex
    const { id } = yield* codex.thread(options.id).unarchive
    yield* stderr.write(`${id} is out of the archive.\n`)
  }).pipe(Effect.provide(Session.codex(options)))

/** @internal */
export const remove = (options: OneOptions & { readonly yes: boolean }) =>
  Effect.gen(function*() {
    const { stderr } = yield* Stdio
    if (!options.yes) {
      return yield* usage(
        "A thread that is deleted is gone for good.",
        `Say so with --yes: \`effect-codex threads delete --yes ${options.id}\`. \`threads archive\` only puts it away.`
      )
    }
    const { request } = yield* AppServer
    yield* request("thread/delete", { threadId: options.id })
    yield* stderr.write(`${options.id} is deleted.\n`)
  }).pipe(Effect.provide(Session.codex(options)))
