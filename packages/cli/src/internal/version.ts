import * as Schema from "effect/Schema"
import { readFileSync } from "node:fs"

const Manifest = Schema.parseJson(Schema.Struct({ version: Schema.String }))

/**
 * The release of this package.
 *
 * @internal
 */
export const version = Schema.decodeSync(Manifest)(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8")
).version
