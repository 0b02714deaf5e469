import { stripVTControlCharacters } from "node:util"
import * as LineSplitter from "./lineSplitter.js"

/**
 * The last lines of a stream of bytes, bounded.
 *
 * @internal
 */
export interface StderrTail {
  /** Takes a chunk in and answers the lines it completed, redacted. */
  readonly push: (chunk: Buffer) => ReadonlyArray<string>
  /** Closes the unterminated line and answers everything that is kept. */
  readonly text: () => string
}

/**
 * Keeps at most `maxBytes`, whole lines only. A line that alone is longer is replaced by a note of its length: cut, it
 * might end inside a secret that is no longer recognised.
 *
 * @internal
 */
export const make = (options: {
  readonly maxBytes: number
  readonly redact: (line: string) => string
}): StderrTail => {
  const kept: Array<string> = []
  let size = 0

  const keep = (line: string): void => {
    kept.push(line)
    size += Buffer.byteLength(line) + 1
    while (size > options.maxBytes) {
      const oldest = kept.shift()
      size = oldest === undefined ? 0 : size - Buffer.byteLength(oldest) - 1
    }
  }

  const splitter = LineSplitter.make({
    maxBytes: options.maxBytes,
    onDropped: (bytes) => keep(`[a line of ${bytes} bytes left out]`)
  })

  const take = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
    // Colours are for terminals; here they would stand in errors and logs.
    const redacted = lines.map(stripVTControlCharacters).map(options.redact)
    redacted.forEach(keep)
    return redacted
  }

  return {
    push: (chunk) => take(splitter.push(chunk)),
    text() {
      take(splitter.flush())
      return kept.join("\n")
    }
  }
}
