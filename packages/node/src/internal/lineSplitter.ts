import { constants } from "node:buffer"

/**
 * Cuts a stream of bytes into lines.
 *
 * The cut is made on the bytes and only whole lines are decoded, so a character that arrives in two chunks is never
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

  /** The whole lines between `start` and the newline at `end`, none of which can be too long. */
  const appendAll = (lines: Array<string>, bytes: Buffer, start: number, end: number): void => {
    // Decoded at once, since a call of the decoder for each line costs five times as much as the decoding. A newline is
    // a character of its own in whatever is no UTF-8 too.
    for (const line of bytes.toString("utf8", start, end).split("\n")) {
      const text = line.endsWith("\r") ? line.slice(0, -1) : line
      if (text !== "") {
        lines.push(text)
      }
    }
  }

  const appendEach = (lines: Array<string>, bytes: Buffer, start: number, end: number): void => {
    for (let next = start; next <= end; next++) {
      const last = bytes.indexOf(newline, next)
      append(lines, bytes, next, last)
      next = last
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
      if (size > 0) {
        const end = chunk.indexOf(newline)
        if (end === -1) {
          keep(chunk)
          return lines
        }
        keep(chunk.subarray(0, end))
        complete(lines)
        start = end + 1
      }
      const end = chunk.lastIndexOf(newline)
      if (end >= start) {
        if (end - start > maxBytes) {
          appendEach(lines, chunk, start, end)
        } else {
          appendAll(lines, chunk, start, end)
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
