/** @internal */
export type OnFrames = (frames: ReadonlyArray<string>) => void

/**
 * Where chunks come from. What it has read already may still arrive after `pause`.
 *
 * @internal
 */
export interface Source {
  readonly pause: () => unknown
  readonly resume: () => unknown
}

/**
 * Makes frames of chunks: the lines of a stream, or each message of a socket.
 *
 * @internal
 */
export interface Framing {
  readonly push: (chunk: Buffer) => ReadonlyArray<string>
  /** A last frame without an end of its own, where there is one. */
  readonly flush: () => ReadonlyArray<string>
}

/**
 * The read side of one connection: takes chunks in at any time and hands their frames on while a handler is attached.
 *
 * @internal
 */
export interface FrameReader {
  readonly isAttached: () => boolean
  readonly attach: (onFrames: OnFrames, onCrash: (cause: unknown) => void) => void
  /** Hands on what came before the handler, then lets the source flow. */
  readonly start: (source: Source) => void
  readonly accept: (chunk: Buffer, source: Source) => void
  /** Hands on a last frame that has no end. */
  readonly finish: () => void
  readonly detach: (source: Source) => void
}

/** @internal */
export const make = (framing: Framing): FrameReader => {
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
    start(source) {
      const chunks = early
      early = []
      chunks.forEach((chunk) => hand(framing.push(chunk)))
      source.resume()
    },
    accept(chunk, source) {
      if (attached === undefined) {
        // Paused, no more than what Node has already read arrives here: the pipe or socket itself is the bound.
        early.push(chunk)
        source.pause()
      } else {
        try {
          hand(framing.push(chunk))
        } catch (cause) {
          // Thrown on, it would be an uncaught exception of the data event and end the whole program.
          attached.onCrash(cause)
        }
      }
    },
    finish() {
      hand(framing.flush())
    },
    detach(source) {
      attached = undefined
      source.pause()
    }
  }
}
