import type { Transport } from "@effect-codex/sdk/Transport"
import type * as Transcript from "../../Transcript.js"
import { type Difference, differences } from "./difference.js"
import { toDifferences, TranscriptMismatch } from "./errors.js"
import * as Folders from "./folders.js"
import { isAnswer, isObject, type Json, mapStrings, methodOf, parse } from "./json.js"
import * as Redaction from "./redaction.js"

/**
 * What was sent when the transcript was recorded, and how what is sent now answers to it.
 *
 * @internal
 */
export interface Script {
  readonly isSent: (frame: Transcript.Frame) => boolean
  /** Takes what the program sends for what it sent then, or says why it is not. */
  readonly outgoing: (text: string) => TranscriptMismatch | undefined
  /** What was said then, as it is said now. */
  readonly incoming: (frame: Transcript.Frame) => string
  readonly conceal: Transport["Type"]["conceal"]
}

/** Ids that the client makes up by chance, by which the server then names what it was asked for. */
const ownIds: ReadonlySet<string> = new Set(["processHandle", "processId", "sessionId", "watchId"])

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

const without = (value: unknown, path: ReadonlyArray<string>): unknown => {
  const [head, ...rest] = path
  if (head === undefined) {
    return undefined
  }
  if (Array.isArray(value)) {
    return value.map((element, index) => head === "*" || head === String(index) ? without(element, rest) : element)
  }
  return isObject(value)
    ? Object.fromEntries(
      Object.entries(value).flatMap(([name, member]) =>
        head !== "*" && head !== name ? [[name, member]] : rest.length === 0 ? [] : [[name, without(member, rest)]]
      )
    )
    : value
}

/** What is of one connection, and says nothing of what is asked for. */
const volatileOf = (message: Json): ReadonlyArray<string> => [
  "trace",
  ...(isAnswer(message) ? [] : ["id"]),
  ...(methodOf(message) === "initialize" ? ["params.clientInfo.version"] : [])
]

const kindOf = (frame: unknown): string =>
  isAnswer(frame) ? `answer ${JSON.stringify(frame["id"])}` : methodOf(frame) ?? "noise"

interface Outgoing {
  readonly frame: Transcript.Frame
  readonly compared: unknown
}

/** @internal */
export const make = (transcript: Transcript.Transcript, options: Transcript.ReplayOptions): Script => {
  const { frames, path } = transcript
  const redactor = Redaction.make(options)
  const folders = Folders.make(options.folders ?? {})
  const sent = new Set<Transcript.Frame>()
  const requestIds = new Map<string, unknown>()
  const recordedIds = new Map<string, string>()
  const ownIdsNow = new Map<string, string>()

  const comparable = (frame: unknown): unknown =>
    isObject(frame)
      ? [...volatileOf(frame), ...(options.ignore ?? [])].reduce<unknown>(
        (rest, member) => without(rest, member.split(".")),
        frame
      )
      : frame

  const unsent = new Map<string, Array<Outgoing>>()
  for (const frame of frames) {
    if (frame.direction === "out") {
      const kind = kindOf(frame.frame)
      const known = unsent.get(kind) ?? []
      known.push({ frame, compared: comparable(frame.frame) })
      unsent.set(kind, known)
    }
  }

  /** The ids that the client makes up, as far as they could be those of the recorded frame. */
  const ownIdsOf = (found: ReadonlyArray<Difference>): ReadonlyArray<readonly [string, string]> | undefined => {
    const pairs: Array<readonly [string, string]> = []
    for (const { expected, member, sent } of found) {
      const name = member.split(".").at(-1) ?? ""
      if (
        !ownIds.has(name) || typeof expected !== "string" || typeof sent !== "string" ||
        !uuid.test(expected) || !uuid.test(sent) || ownIdsNow.has(expected) || recordedIds.has(sent)
      ) {
        return undefined
      }
      pairs.push([expected, sent])
    }
    return pairs
  }

  const mismatch = (message: unknown, compared: unknown, candidates: ReadonlyArray<Outgoing>): TranscriptMismatch => {
    const [closest] = candidates
      .map((candidate) => ({ ...candidate, found: differences(candidate.compared, compared) }))
      .sort((a, b) => a.found.length - b.found.length)
    const next = closest?.frame ?? frames.find((frame) => frame.direction === "out" && !sent.has(frame))
    return new TranscriptMismatch({
      path,
      line: next?.line ?? null,
      expected: next?.frame,
      sent: message,
      differences: toDifferences(closest?.found ?? [])
    })
  }

  const toRecorded = (text: string): string => recordedIds.get(text) ?? text
  const toNow = (text: string): string => ownIdsNow.get(text) ?? folders.resolve(text)

  return {
    isSent: (frame) => sent.has(frame),
    conceal: redactor.conceal,
    outgoing(text) {
      const parsed = parse(text)
      const message = mapStrings(redactor.message(parsed ?? text, "out"), toRecorded)
      const compared = comparable(message)
      const candidates = unsent.get(kindOf(message)) ?? []
      for (const [index, { compared: recorded, frame }] of candidates.entries()) {
        const pairs = ownIdsOf(differences(recorded, compared))
        if (pairs !== undefined) {
          pairs.forEach(([then, now]) => {
            ownIdsNow.set(then, now)
            recordedIds.set(now, then)
          })
          if (isObject(frame.frame) && !isAnswer(frame.frame) && parsed !== undefined && "id" in frame.frame) {
            requestIds.set(JSON.stringify(frame.frame["id"]), parsed["id"])
          }
          candidates.splice(index, 1)
          sent.add(frame)
          return undefined
        }
      }
      return mismatch(message, compared, candidates)
    },
    incoming({ frame }) {
      if (!isObject(frame)) {
        return typeof frame === "string" ? folders.resolve(frame) : JSON.stringify(frame)
      }
      const key = JSON.stringify(frame["id"])
      const message = isAnswer(frame) && requestIds.has(key) ? { ...frame, id: requestIds.get(key) } : frame
      return JSON.stringify(mapStrings(message, toNow))
    }
  }
}
