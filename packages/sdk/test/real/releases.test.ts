import { COMPARED_VERSIONS, PROTOCOL_VERSION } from "@effect-codex/protocol/ProtocolVersion"
import { assert, describe, it } from "@effect/vitest"
import { promises } from "./releases.js"

describe("what begins with a release", () => {
  it("begins with one that is tested, so that the installed one, the last of them, keeps all of it", () => {
    const releases = Object.values(promises).map(({ release }) => release)
    assert.deepStrictEqual(releases.filter((release) => !COMPARED_VERSIONS.includes(release)), [])
    assert.strictEqual(COMPARED_VERSIONS.at(-1), PROTOCOL_VERSION)
  })

  it("begins after the oldest release that is tested, which else keeps it as well, and says why", () => {
    for (const [name, { reason, release }] of Object.entries(promises)) {
      assert.notStrictEqual(release, COMPARED_VERSIONS[0], name)
      assert.isAbove(reason.length, 10, name)
    }
  })
})
