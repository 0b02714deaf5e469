import { COMPARED_VERSIONS, PROTOCOL_VERSION } from "@effect-codex/protocol/ProtocolVersion"
import * as Effect from "effect/Effect"
import { isOlder } from "./requestErrors.js"

const oldest = COMPARED_VERSIONS[0] ?? PROTOCOL_VERSION

// What a codex says that was built from its sources, and is of no release.
const unreleased = "0.0.0"

let warned = false

/**
 * Warns, once in the life of the program, of a server that is older than any that this SDK is tested with.
 *
 * @internal
 */
export const warnOfOlder = (version: string | null): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (warned || version === null || version === unreleased || !isOlder(version, oldest)) {
      return Effect.void
    }
    warned = true
    return Effect.logWarning(
      `codex ${version} is older than ${oldest}, the oldest release that effect-codex is tested with, and what it does not ` +
        `know fails or behaves in other ways. Update it, for example by \`npm install @openai/codex@${PROTOCOL_VERSION}\`, ` +
        "or give the path of a newer one as `binary`. This is said once."
    )
  })
