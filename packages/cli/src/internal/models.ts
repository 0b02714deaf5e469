import * as Codex from "@effect-codex/sdk/Codex"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Stdio } from "../Stdio.js"
import * as Format from "./format.js"
import type { ServerOptions } from "./options.js"
import * as Session from "./session.js"

const most = 1000

/**
 * The models that the account can use.
 *
 * @internal
 */
export const models = (options: ServerOptions & { readonly json: boolean; readonly all: boolean }) =>
  Effect.gen(function*() {
    const { env, stdout } = yield* Stdio
    const codex = yield* Codex.Codex
    const found = Chunk.toReadonlyArray(
      yield* codex.models({ includeHidden: options.all }).pipe(Stream.take(most), Stream.runCollect)
    )
    if (options.json) {
      return yield* stdout.write(`${JSON.stringify(found, undefined, 2)}\n`)
    }
    yield* stdout.write(Format.table(
      ["MODEL", "EFFORT", "DESCRIPTION"],
      found.map((model) => [
        Format.oneLine(model.model) + (model.isDefault ? " *" : ""),
        model.supportedReasoningEfforts.map(({ reasoningEffort }) => Format.oneLine(reasoningEffort)).join(","),
        Format.oneLine(model.description)
      ]),
      Format.styleOf(stdout.isTTY, env),
      stdout.isTTY ? yield* stdout.columns : Number.POSITIVE_INFINITY
    ))
    if (stdout.isTTY) {
      yield* stdout.write(Format.styleOf(true, env).dim("* the default") + "\n")
    }
  }).pipe(Effect.provide(Session.codex(options)))
