import { ClientNotifications } from "@effect-codex/protocol/ClientNotifications"
import { ClientRequests } from "@effect-codex/protocol/ClientRequests"
import { ServerNotifications } from "@effect-codex/protocol/ServerNotifications"
import { ServerRequests } from "@effect-codex/protocol/ServerRequests"
import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { Line } from "./support/transcripts.js"
import { readTranscript, transcripts } from "./support/transcripts.js"

interface Body {
  readonly what: string
  readonly schema: Schema.Schema.AnyNoContext
  readonly value: unknown
}

interface Spec {
  readonly params: Schema.Schema.AnyNoContext | undefined
  readonly result?: Schema.Schema.AnyNoContext
}

type Table = Readonly<Record<string, Spec>>

const isMalformed = (line: Line) =>
  line.message.error !== undefined && line.message.error.message.startsWith("Invalid request:")

/** Every message that has a body, with the schema of its own method. */
const bodiesOf = (lines: ReadonlyArray<Line>) => {
  const bodies: Array<Body> = []
  const malformed: Array<Body> = []
  const unknown: Array<string> = []
  const requests = new Map<string, string>()
  const refused = new Set(
    lines.filter(isMalformed).map(({ direction, message }) => `${direction} ${message.id}`)
  )
  const take = (table: Table, line: Line, answered: "server->client" | "client->server") => {
    const { id, method = "", params } = line.message
    const spec = table[method]
    if (id !== undefined) requests.set(`${answered} ${id}`, method)
    if (spec === undefined) return unknown.push(method)
    if (spec.params === undefined) return assert.isUndefined(params, method)
    const target = id !== undefined && refused.has(`${answered} ${id}`) ? malformed : bodies
    return target.push({ what: method, schema: spec.params, value: params })
  }
  const answer = (table: Table, { direction, message: { id, result } }: Line) => {
    if (result === undefined) return
    const method = requests.get(`${direction} ${id}`) ?? ""
    const schema = table[method]?.result
    assert.isDefined(schema, `no request ${id} was sent before its answer`)
    bodies.push({ what: `the result of ${method}`, schema, value: result })
  }
  for (const line of lines) {
    const isRequest = line.message.id !== undefined
    const fromClient = line.direction === "client->server"
    if (line.message.method === undefined) answer(fromClient ? ServerRequests : ClientRequests, line)
    else if (fromClient) take(isRequest ? ClientRequests : ClientNotifications, line, "server->client")
    else take(isRequest ? ServerRequests : ServerNotifications, line, "client->server")
  }
  return { bodies, malformed, unknown }
}

const options = { onExcessProperty: "preserve" } as const

describe("transcripts of a real server", () => {
  it.each(transcripts)("%s decodes whole, without unknown members, and encodes back to itself", (name) => {
    const { bodies } = bodiesOf(readTranscript(name))
    assert.isAbove(bodies.length, 10)
    for (const { schema, value, what } of bodies) {
      const decoded = Schema.decodeUnknownEither(schema, options)(value)
      if (Either.isLeft(decoded)) assert.fail(`${what}: ${decoded.left.message}`)
      assert.notInclude(JSON.stringify(decoded.right), "$unknown", what)
      assert.deepStrictEqual(Schema.encodeUnknownSync(schema, options)(decoded.right), value, what)
    }
  })

  it("hold every member that the server sends in a definition of it", () => {
    for (const name of transcripts) {
      for (const { schema, value, what } of bodiesOf(readTranscript(name)).bodies) {
        const decoded = Schema.decodeUnknownEither(schema)(value)
        if (Either.isLeft(decoded)) assert.fail(`${what}: ${decoded.left.message}`)
        assert.deepStrictEqual(decoded.right, value, `${name}, ${what}`)
      }
    }
  })

  it("name only methods of the tables, but for the one that the server refused", () => {
    assert.deepStrictEqual(transcripts.flatMap((name) => bodiesOf(readTranscript(name)).unknown), ["no/such/method"])
  })

  it("what the server refused as malformed is refused here before it is sent", () => {
    const malformed = transcripts.flatMap((name) => bodiesOf(readTranscript(name)).malformed)
    assert.isAbove(malformed.length, 0)
    for (const { schema, value, what } of malformed) {
      assert.isTrue(Either.isLeft(Schema.decodeUnknownEither(schema)(value)), what)
    }
  })
})
