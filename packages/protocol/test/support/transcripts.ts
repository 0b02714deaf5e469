import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Path from "node:path"

const folder = Path.join(import.meta.dirname, "../transcripts")

const Message = Schema.Struct({
  id: Schema.optional(Schema.Union(Schema.Number, Schema.String)),
  method: Schema.optional(Schema.String),
  params: Schema.optional(Schema.Unknown),
  result: Schema.optional(Schema.Unknown),
  error: Schema.optional(Schema.Struct({ code: Schema.Number, message: Schema.String }))
})

const Line = Schema.parseJson(Schema.Struct({
  direction: Schema.Literal("client->server", "server->client"),
  message: Message
}))

const decodeLine = Schema.decodeUnknownSync(Line)

export type Line = typeof Line.Type

export const transcripts: ReadonlyArray<string> = Fs.readdirSync(folder).filter((name) => name.endsWith(".jsonl"))

/** One message a line, as it went over the wire of a real server. */
export const readTranscript = (name: string): ReadonlyArray<Line> =>
  Fs.readFileSync(Path.join(folder, name), "utf8").trim().split("\n").map((line) => decodeLine(line))
