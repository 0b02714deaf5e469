import * as Client from "@effect-codex/protocol/Client"
import * as Server from "@effect-codex/protocol/Server"
import * as Schema from "effect/Schema"
import { findBinary, pinnedVersion } from "../../scripts/binary.js"
import { loadBundle } from "../../scripts/bundle.js"

export const binary = findBinary(pinnedVersion())

export const experimental = loadBundle(binary, true)

export const stable = loadBundle(binary, false)

const schemasOf = (module: Readonly<Record<string, unknown>>): ReadonlyMap<string, Schema.Schema<unknown>> =>
  new Map(
    Object.entries(module).filter((entry): entry is [string, Schema.Schema<unknown>] => Schema.isSchema(entry[1]))
  )

/** Every generated definition, by name. */
export const serverSchemas = schemasOf(Server)
export const clientSchemas = schemasOf(Client)
