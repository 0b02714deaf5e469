import { COMPARED_VERSIONS } from "@effect-codex/protocol/ProtocolVersion"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { connect, handshake } from "./support/env.js"

/** What is logged while a server of each version is connected to. */
const warningsAbout = (...userAgents: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const warnings: Array<string> = []
    const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
      if (LogLevel.greaterThanEqual(logLevel, LogLevel.Warning)) {
        warnings.push(String(message))
      }
    })
    for (const userAgent of userAgents) {
      yield* connect({ info: { ...handshake, userAgent } }).pipe(Effect.provide(Logger.add(logger)))
    }
    return warnings
  })

const agent = (version: string) => `effect-codex/${version} (Debian 12.0.0; x86_64) test`

// In this order, because a warning that was given is not given again.
describe("the version of the server", () => {
  it.scoped("is not warned of where it is tested or newer, nor where it is of no release", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* warningsAbout(
          ...COMPARED_VERSIONS.map(agent),
          agent("0.130.1"),
          agent("1.0.0"),
          agent("0.0.0"),
          "codex"
        ),
        []
      )
    }))

  it.scoped("is warned of once in a program where it is older than the oldest that is tested, with what to do", () =>
    Effect.gen(function*() {
      const warnings = yield* warningsAbout(agent("0.129.0"), agent("0.129.0"), agent("0.98.0-alpha.1"))
      assert.strictEqual(warnings.length, 1)
      assert.include(warnings[0], "codex 0.129.0 is older than 0.130.0")
      assert.include(warnings[0], "npm install @openai/codex@")
    }))
})
