import { TransportError } from "@effect-codex/sdk/CodexError"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs/promises"
import type { Options } from "../ProcessTransport.js"

const requireFolder = (
  path: string | undefined,
  detail: (path: string) => string
): Effect.Effect<void, TransportError> =>
  path === undefined
    ? Effect.void
    : Effect.tryPromise(() => Fs.stat(path)).pipe(
      Effect.filterOrFail((stat) => stat.isDirectory()),
      Effect.mapError((cause) => new TransportError({ reason: "Open", detail: detail(path), cause })),
      Effect.asVoid
    )

/**
 * Refuses folders that do not exist. The system's own refusal of a working directory would name the program instead, and
 * the app-server ends right after its start without a `CODEX_HOME`.
 *
 * @internal
 */
export const requireFolders = ({ codexHome, cwd }: Options): Effect.Effect<void, TransportError> =>
  Effect.zipRight(
    requireFolder(cwd, (path) =>
      `the working directory ${path} is no existing folder; create it or give another one as cwd`),
    requireFolder(codexHome, (path) =>
      `${path}, given as codexHome, is no existing folder; create it, or leave the option out for the one codex chooses`)
  )
