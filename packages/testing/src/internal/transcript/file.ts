import { TransportError } from "@effect-codex/sdk/CodexError"
import { end as transportEnd, type TransportEnd } from "@effect-codex/sdk/Transport"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import type * as Transcript from "../../Transcript.js"
import { TranscriptError } from "./errors.js"
import { isObject, type Json, parse } from "./json.js"

/** @internal */
export const version = 1

/** The member of the first line that makes a file a transcript. */
const mark = "effect-codex-transcript"

/** @internal */
export const header = (options: { readonly sdk: string; readonly recordedAt: string }): Json => ({
  [mark]: version,
  ...options
})

/** @internal */
export const endOf = (end: TransportEnd, redact: (text: string) => string): Json => ({
  reason: end.reason,
  exitCode: end.exitCode,
  signal: end.signal,
  stderrTail: redact(end.stderrTail),
  ...(end.cause === undefined
    ? {}
    : { cause: redact(end.cause instanceof Error ? end.cause.message : String(end.cause)) })
})

/** @internal */
export const read = (
  path: string
): Effect.Effect<Transcript.Transcript, TranscriptError, FileSystem.FileSystem> =>
  FileSystem.FileSystem.pipe(
    Effect.flatMap((fs) => fs.readFileString(path)),
    Effect.mapError((cause) =>
      new TranscriptError({
        reason: "Open",
        path,
        detail: cause._tag === "SystemError" && cause.reason === "NotFound"
          ? "There is no such transcript. Record it first."
          : `The transcript cannot be read: ${cause.message}`,
        cause
      })
    ),
    Effect.flatMap((text) =>
      Effect.try({
        try: () => fromText(path, text),
        catch: (error) =>
          error instanceof TranscriptError
            ? error
            : new TranscriptError({ reason: "Malformed", path, detail: String(error), cause: error })
      })
    )
  )

const malformed = (path: string, line: number, what: string) =>
  new TranscriptError({
    reason: "Malformed",
    path,
    detail: `Line ${line} ${what}. Record the transcript again.`
  })

const directions: { readonly [name: string]: Transcript.Direction } = {
  in: "in",
  out: "out",
  "server->client": "in",
  "client->server": "out"
}

const stringIn = (json: Json, name: string): string | undefined => {
  const value = json[name]
  return typeof value === "string" ? value : undefined
}

const fromText = (path: string, text: string): Transcript.Transcript => {
  const texts = text.split("\n")
  const lines: Array<readonly [number, Json]> = []
  texts.forEach((line, index) => {
    if (line.trim() === "") {
      return
    }
    const json = parse(line)
    if (json !== undefined) {
      lines.push([index + 1, json])
      // A program that is killed leaves the beginning of its last line.
    } else if (index < texts.length - 1 || lines.length === 0) {
      throw malformed(path, index + 1, "is no JSON object")
    }
  })
  const [, first = {}] = lines[0] ?? []
  const given = first[mark]
  // Plain captures of a connection have no first line of their own, and no last one.
  const plain = given === undefined && typeof first["direction"] === "string"
  if (!plain && typeof given !== "number") {
    throw malformed(path, 1, "is not the first of a transcript")
  }
  if (typeof given === "number" && given > version) {
    throw new TranscriptError({
      reason: "Version",
      path,
      detail: `The transcript is of version ${given}, and this release reads up to ${version}. ` +
        "Update @effect-codex/testing, or record the transcript again with the release that is installed."
    })
  }
  const unsent = new Set<unknown>()
  const frames: Array<Transcript.Frame> = []
  let end: Transcript.End = plain ? { reason: "LayerClosed" } : undefined
  for (const [line, json] of lines) {
    if ("direction" in json) {
      frames.push(toFrame(path, line, json))
    } else if ("unsent" in json) {
      unsent.add(json["unsent"])
    } else if (isObject(json["end"])) {
      end = toEnd(json["end"])
    } else if (typeof json["stopped"] === "string") {
      end = { reason: "Stopped", detail: json["stopped"] }
    }
  }
  return {
    path,
    version: typeof given === "number" ? given : 0,
    sdkVersion: stringIn(first, "sdk"),
    codexVersion: codexVersion(frames),
    recordedAt: stringIn(first, "recordedAt"),
    frames: frames.filter(({ direction, line }) => direction === "in" || !unsent.has(line)),
    end,
    lines: lines.at(-1)?.[0] ?? 0
  }
}

const toFrame = (path: string, line: number, json: Json): Transcript.Frame => {
  const direction = directions[stringIn(json, "direction") ?? ""]
  const frame = json["frame"] ?? json["message"] ?? json["text"]
  if (direction === undefined || frame === undefined) {
    throw malformed(path, line, "has no direction or no frame")
  }
  return { line, ms: typeof json["ms"] === "number" ? json["ms"] : 0, direction, frame }
}

const toEnd = (json: Json): Transcript.End => {
  const reason = json["reason"]
  const cause = stringIn(json, "cause")
  return reason === "Exited" || reason === "EndOfStream" || reason === "Failed"
    ? transportEnd(reason, {
      exitCode: typeof json["exitCode"] === "number" ? json["exitCode"] : null,
      signal: stringIn(json, "signal") ?? null,
      stderrTail: stringIn(json, "stderrTail") ?? "",
      ...(cause === undefined ? {} : { cause: new TransportError({ reason: "Closed", detail: cause }) })
    })
    : { reason: "LayerClosed" }
}

const codexVersion = (frames: ReadonlyArray<Transcript.Frame>): string | undefined => {
  for (const { direction, frame } of frames) {
    const result = direction === "in" && isObject(frame) && isObject(frame["result"]) ? frame["result"] : undefined
    const userAgent = result === undefined ? undefined : stringIn(result, "userAgent")
    if (userAgent !== undefined) {
      return /\/(\d+\.\d+\.\d+\S*) \(/.exec(userAgent)?.[1]
    }
  }
  return undefined
}
