import type { Readable } from "node:stream"
import * as LineSplitter from "./lineSplitter.js"

/** @internal */
export type OnFrames = (frames: ReadonlyArray<string>) => void

/**
 * The read side of one connection: takes chunks in at any time and hands their frames on while a handler is attached.
 *
 * @internal
 */
export interface FrameReader {
  readonly isAttached: () => boolean
  readonly attach: (onFrames: OnFrames, onCrash: (cause: unknown) => void) => void
  /** Hands on what came before the handler, then lets `stdout` flow. */
  readonly start: (stdout: Readable) => void
  readonly accept: (chunk: Buffer, stdout: Readable) => void
  /** Hands on a last line that has no terminator. */
  readonly finish: () => void
  readonly detach: (stdout: Readable) => void
}

/** @internal */
export const make = (options: {
  readonly maxFrameBytes: number
  readonly onDropped: (bytes: number) => void
}): FrameReader => {
  const splitter = LineSplitter.make({ maxBytes: options.maxFrameBytes, onDropped: options.onDropped })
  let attached: { readonly onFrames: OnFrames; readonly onCrash: (cause: unknown) => void } | undefined
  let early: Array<Buffer> = []

  const hand = (frames: ReadonlyArray<string>): void => {
    if (attached !== undefined && frames.length > 0) {
      attached.onFrames(frames)
    }
  }

  return {
    isAttached: () => attached !== undefined,
    attach(onFrames, onCrash) {
      attached = { onFrames, onCrash }
    },
    start(stdout) {
      const chunks = early
      early = []
      chunks.forEach((chunk) => hand(splitter.push(chunk)))
      stdout.resume()
    },
    accept(chunk, stdout) {
      if (attached === undefined) {
        // Paused, no more than what Node has already read arrives here: the pipe itself is the bound.
        early.push(chunk)
        stdout.pause()
      } else {
        try {
          hand(splitter.push(chunk))
        } catch (cause) {
          // Thrown on, it would be an uncaught exception of the data event and end the whole program.
          attached.onCrash(cause)
        }
      }
    },
    finish() {
      hand(splitter.flush())
    },
    detach(stdout) {
      attached = undefined
      stdout.pause()
    }
  }
}
