import { constants } from "node:buffer"

/**
 * Cuts a stream of bytes into lines.
 *
 * The cut is made on the bytes and a line is decoded whole, so a character that arrives in two chunks is never
 * damaged. Only the new chunk is searched for the newline, which keeps a line of many megabytes linear.
 *
 * @internal
 */
export interface LineSplitter {
  /** The lines that `chunk` completes, in order, without their terminator; empty lines are left out. */
  readonly push: (chunk: Buffer) => Array<string>
  /** The unterminated line at the end of the stream, where there is one. */
  readonly flush: () => Array<string>
}

const newline = 0x0a
const carriageReturn = 0x0d

// A writer that flushes every byte would otherwise cost one object a byte, far beyond the bound on the bytes.
const maxPieces = 4096

/**
 * A line of more than `maxBytes` is not kept: `onDropped` is told its length once its end is seen.
 *
 * @internal
 */
export const make = (options: {
  readonly maxBytes: number
  readonly onDropped: (bytes: number) => void
}): LineSplitter => {
  const maxBytes = Math.min(options.maxBytes, constants.MAX_STRING_LENGTH)
  let pieces: Array<Buffer> = []
  let size = 0

  const keep = (piece: Buffer): void => {
    size += piece.length
    if (size > maxBytes) {
      pieces = []
      return
    }
    pieces.push(piece)
    if (pieces.length === maxPieces) {
      pieces = [Buffer.concat(pieces)]
    }
  }

  const append = (lines: Array<string>, bytes: Buffer, start: number, end: number): void => {
    if (end - start > maxBytes) {
      options.onDropped(end - start)
      return
    }
    const last = end > start && bytes[end - 1] === carriageReturn ? end - 1 : end
    if (last > start) {
      lines.push(bytes.toString("utf8", start, last))
    }
  }

  const complete = (lines: Array<string>): void => {
    if (size > maxBytes) {
      options.onDropped(size)
    } else {
      append(lines, Buffer.concat(pieces), 0, size)
    }
    pieces = []
    size = 0
  }

  return {
    push(chunk) {
      const lines: Array<string> = []
      let start = 0
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
        if (size === 0) {
          append(lines, chunk, start, end)
        } else {
          keep(chunk.subarray(start, end))
          complete(lines)
        }
        start = end + 1
      }
      if (start < chunk.length) {
        keep(chunk.subarray(start))
      }
      return lines
    },
    flush() {
      const lines: Array<string> = []
      if (size > 0) {
        complete(lines)
      }
      return lines
    }
  }
}
