import * as Option from "effect/Option"
import type * as Transcript from "../../Transcript.js"
import type { Json } from "./json.js"

/** So much waits for the disk at most, in UTF-16 code units. */
const maxWaiting = 16 * 1024 * 1024

/** Is always left for the line that says why there are no more. */
const reserved = 512

interface Entry {
  readonly ms: number
  readonly render: () => Json
  readonly size: number
  line: number
}

/**
 * The lines of a recording on their way to the file. Adding one costs the program no more than a push: what is parsed,
 * taken out and written is so when the writer takes it.
 *
 * @internal
 */
export interface Journal {
  readonly add: (text: string, direction: Transcript.Direction) => Entry
  /** Takes an entry back: it did not reach the other side. */
  readonly unsent: (entry: Entry) => void
  /** Says how it ended; the first one counts. */
  readonly close: (end: Json) => void
  /** The file takes nothing any more. */
  readonly fail: (detail: string) => void
  /** What is to be written now, and why the recording has stopped, when it just has. */
  readonly take: () => { readonly text: string; readonly stopped: string | undefined }
  /** Whether the last was taken. */
  readonly isOver: () => boolean
  readonly status: () => {
    readonly lines: number
    readonly bytes: number
    readonly leftOut: number
    readonly stopped: Option.Option<string>
  }
}

const encoder = new TextEncoder()

/** @internal */
export const make = (options: {
  readonly maxBytes: number
  readonly header: Json
  readonly now: () => number
  readonly onWork: () => void
  readonly render: (text: string, direction: Transcript.Direction) => Json
}): Journal => {
  const { header, maxBytes, now, onWork, render } = options
  const first = `${JSON.stringify(header)}\n`
  let waiting: Array<Entry> = []
  let size = 0
  let lines = 0
  let bytes = 0
  let leftOut = 0
  let tooSlow = false
  let stopped: string | undefined
  let end: Entry | undefined
  let ended = false

  const entry = (render: () => Json, size: number): Entry => ({ ms: now(), render, size, line: 0 })

  const push = (added: Entry): Entry => {
    if (stopped !== undefined || tooSlow || end !== undefined) {
      leftOut++
      return added
    }
    if (size + added.size > maxWaiting) {
      tooSlow = true
      leftOut++
    } else {
      waiting.push(added)
      size += added.size
    }
    onWork()
    return added
  }

  const lineOf = ({ ms, render }: Entry): string => `${JSON.stringify({ ms: Math.round(ms * 10) / 10, ...render() })}\n`

  return {
    add: (text, direction) => push(entry(() => render(text, direction), text.length)),
    unsent(sent) {
      if (sent.line > 0 || waiting.includes(sent)) {
        push(entry(() => ({ unsent: sent.line }), 0))
      }
    },
    close(how) {
      end ??= entry(() => ({ end: how }), 0)
      onWork()
    },
    fail(detail) {
      stopped ??= detail
    },
    take() {
      const taken = waiting
      waiting = []
      size = 0
      let text = ""
      let why: string | undefined
      const append = (line: string, most: number): boolean => {
        const length = encoder.encode(line).length
        if (bytes + length > most) {
          return false
        }
        text += line
        bytes += length
        lines++
        return true
      }
      if (stopped === undefined && lines === 0) {
        append(first, maxBytes)
      }
      for (const one of taken) {
        if (stopped !== undefined) {
          leftOut++
          continue
        }
        const line = lineOf(one)
        if (append(line, maxBytes - reserved)) {
          one.line = lines
        } else {
          leftOut++
          why = stopped = `it has reached its limit of ${maxBytes} bytes (\`maxBytes\`)`
        }
      }
      if (stopped === undefined && tooSlow) {
        why = stopped = "the file was written more slowly than the frames came"
      }
      if (why !== undefined) {
        append(lineOf(entry(() => ({ stopped: why }), 0)), maxBytes)
      }
      if (end !== undefined && !ended) {
        ended = true
        if (stopped === undefined) {
          append(lineOf(end), maxBytes)
        }
      }
      return { text, stopped: why }
    },
    isOver: () => ended,
    status: () => ({ lines: lines + waiting.length, bytes, leftOut, stopped: Option.fromNullable(stopped) })
  }
}
