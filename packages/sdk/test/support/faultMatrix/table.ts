import type { FaultName } from "./faults.js"
import type { OperationName, Point } from "./operations.js"

/** How the other turn comes out, which runs on a thread of its own meanwhile. */
export type Other = "completes" | "ConnectionClosed" | "TurnInterrupted"

/**
 * How an operation comes out, after how many milliseconds it and its scope are left, and how the other turn does.
 */
export type Expected = readonly [outcome: string, millis: number, other: Other]

const ok = (millis: number): Expected => ["succeeds", millis, "completes"]

/** It fails, and the connection goes on. */
const fails = (error: string, millis: number): Expected => [error, millis, "completes"]

/** The connection has ended, for everybody. */
const closed = (millis: number): Expected => ["ConnectionClosed", millis, "ConnectionClosed"]

/** The Layer closes, which stops all turns. */
const stopped = (millis: number): Expected => ["TurnInterrupted", millis, "TurnInterrupted"]

/**
 * What is expected where a fault strikes a frame of an operation. A turn here takes 1.4 seconds; a request is given up
 * after 60, an interruption after 5; a turn is stalled after 30 seconds of silence, and may take 120. A turn whose
 * completion is lost is read back a second after its thread went idle. A write that fails waits 2 seconds for the end
 * of the connection, which it then ends itself. The other turn is heard of every 2 seconds, on the odd ones.
 */
export const table: {
  readonly [O in OperationName]: { readonly [F in FaultName]: { readonly [P in Point<O>]: Expected } }
} = {
  start: {
    cut: { request: closed(0), answer: closed(0) },
    delay: { request: ok(3_000), answer: ok(3_000) },
    duplicate: { request: ok(0), answer: ok(0) },
    reorder: { request: ok(4_000), answer: ok(1_000) },
    truncate: { request: fails("RequestTimeout", 60_000), answer: fails("RequestTimeout", 60_000) },
    noise: { request: ok(0), answer: ok(0) },
    // Where it was started it cannot be stopped any more, but ends by itself, before the write is given up.
    close: { request: closed(2_000), answer: ok(1_400) },
    stopReading: { request: fails("RequestTimeout", 60_000), answer: ok(1_400) },
    stopAnswering: { request: fails("RequestTimeout", 60_000), answer: fails("RequestTimeout", 60_000) }
  },
  run: {
    cut: { request: closed(0), answer: closed(0), event: closed(0), completion: closed(1_400) },
    delay: { request: ok(4_400), answer: ok(3_000), event: ok(3_000), completion: ok(4_400) },
    duplicate: { request: ok(1_400), answer: ok(1_400), event: ok(1_400), completion: ok(1_400) },
    reorder: { request: ok(5_400), answer: ok(1_400), event: ok(1_400), completion: ok(3_000) },
    truncate: {
      request: fails("RequestTimeout", 60_000),
      answer: fails("RequestTimeout", 60_000),
      event: ok(1_400),
      completion: ok(2_400)
    },
    noise: { request: ok(1_400), answer: ok(1_400), event: ok(1_400), completion: ok(1_400) },
    close: { request: closed(2_000), answer: ok(1_400), event: ok(1_400), completion: ok(1_400) },
    stopReading: {
      request: fails("RequestTimeout", 60_000),
      answer: ok(1_400),
      event: ok(1_400),
      completion: ok(1_400)
    },
    stopAnswering: {
      request: fails("RequestTimeout", 60_000),
      answer: fails("RequestTimeout", 60_000),
      event: ok(1_400),
      completion: ok(1_400)
    }
  },
  stream: {
    cut: { request: closed(0), answer: closed(0), event: closed(0), completion: closed(1_400) },
    delay: { request: ok(4_400), answer: ok(3_000), event: ok(3_000), completion: ok(4_400) },
    duplicate: { request: ok(1_400), answer: ok(1_400), event: ok(1_400), completion: ok(1_400) },
    reorder: { request: ok(5_400), answer: ok(1_400), event: ok(1_400), completion: ok(3_000) },
    truncate: {
      request: fails("RequestTimeout", 60_000),
      answer: fails("RequestTimeout", 60_000),
      event: ok(1_400),
      completion: ok(2_400)
    },
    noise: { request: ok(1_400), answer: ok(1_400), event: ok(1_400), completion: ok(1_400) },
    close: { request: closed(2_000), answer: ok(1_400), event: ok(1_400), completion: ok(1_400) },
    stopReading: {
      request: fails("RequestTimeout", 60_000),
      answer: ok(1_400),
      event: ok(1_400),
      completion: ok(1_400)
    },
    stopAnswering: {
      request: fails("RequestTimeout", 60_000),
      answer: fails("RequestTimeout", 60_000),
      event: ok(1_400),
      completion: ok(1_400)
    }
  },
  steer: {
    cut: { request: closed(0), answer: closed(0), completion: closed(1_400) },
    delay: { request: ok(4_400), answer: ok(3_000), completion: ok(4_400) },
    duplicate: { request: ok(1_400), answer: ok(1_400), completion: ok(1_400) },
    reorder: { request: ok(5_400), answer: ok(1_400), completion: ok(3_000) },
    truncate: {
      request: fails("RequestTimeout", 60_000),
      answer: fails("RequestTimeout", 60_000),
      completion: ok(2_400)
    },
    noise: { request: ok(1_400), answer: ok(1_400), completion: ok(1_400) },
    close: { request: closed(2_000), answer: ok(1_400), completion: ok(1_400) },
    // The turn is still open then, and cannot be stopped within the grace.
    stopReading: { request: fails("RequestTimeout", 65_000), answer: ok(1_400), completion: ok(1_400) },
    stopAnswering: {
      request: fails("RequestTimeout", 60_000),
      answer: fails("RequestTimeout", 60_000),
      completion: ok(1_400)
    }
  },
  interrupt: {
    cut: { request: closed(0), answer: closed(0), completion: closed(0) },
    delay: { request: ok(3_000), answer: ok(3_000), completion: ok(3_000) },
    duplicate: { request: ok(0), answer: ok(0), completion: ok(0) },
    reorder: { request: ok(4_000), answer: ok(1_000), completion: ok(1_000) },
    // The scope of the turn asks once more, which the server hears.
    truncate: { request: fails("InterruptTimeout", 5_000), answer: ok(0), completion: ok(1_000) },
    noise: { request: ok(0), answer: ok(0), completion: ok(0) },
    close: { request: closed(2_000), answer: ok(0), completion: ok(0) },
    // The scope of the turn asks once more, in vain.
    stopReading: { request: fails("InterruptTimeout", 10_000), answer: ok(0), completion: ok(0) },
    stopAnswering: { request: ok(0), answer: ok(0), completion: ok(0) }
  },
  approval: {
    cut: { request: closed(0), answer: closed(0), completion: closed(0) },
    delay: { request: ok(4_400), answer: ok(4_400), completion: ok(3_000) },
    duplicate: { request: ok(1_400), answer: ok(1_400), completion: ok(1_400) },
    reorder: { request: ok(2_400), answer: ok(5_400), completion: ok(1_400) },
    // The server waits for an answer: to a question that was not heard here, or to one that is answered here.
    truncate: {
      request: fails("TurnStalled", 30_000),
      answer: fails("LimitExceeded", 120_000),
      completion: ok(1_400)
    },
    noise: { request: ok(1_400), answer: ok(1_400), completion: ok(1_400) },
    close: { request: closed(2_000), answer: closed(2_000), completion: ok(1_400) },
    stopReading: {
      request: fails("LimitExceeded", 125_000),
      answer: fails("LimitExceeded", 125_000),
      completion: ok(1_400)
    },
    stopAnswering: { request: ok(1_400), answer: ok(1_400), completion: ok(1_400) }
  },
  tool: {
    cut: { request: closed(0), answer: closed(0), completion: closed(0) },
    delay: { request: ok(4_400), answer: ok(4_400), completion: ok(3_000) },
    duplicate: { request: ok(1_400), answer: ok(1_400), completion: ok(1_400) },
    reorder: { request: ok(2_400), answer: ok(5_400), completion: ok(1_400) },
    truncate: {
      request: fails("TurnStalled", 30_000),
      answer: fails("LimitExceeded", 120_000),
      completion: ok(1_400)
    },
    noise: { request: ok(1_400), answer: ok(1_400), completion: ok(1_400) },
    close: { request: closed(2_000), answer: closed(2_000), completion: ok(1_400) },
    stopReading: {
      request: fails("LimitExceeded", 125_000),
      answer: fails("LimitExceeded", 125_000),
      completion: ok(1_400)
    },
    stopAnswering: { request: ok(1_400), answer: ok(1_400), completion: ok(1_400) }
  },
  login: {
    cut: { request: closed(0), answer: closed(0), completion: closed(1_400) },
    delay: { request: ok(4_400), answer: ok(3_000), completion: ok(4_400) },
    duplicate: { request: ok(1_400), answer: ok(1_400), completion: ok(1_400) },
    reorder: { request: ok(5_400), answer: ok(1_400), completion: ok(3_000) },
    // A login that nobody completes looks like one whose end was not heard of, until the program gives it up. Then
    // the server is asked to cancel it, and its word of that awaited within the grace.
    truncate: {
      request: fails("RequestTimeout", 60_000),
      answer: fails("RequestTimeout", 60_000),
      completion: fails("TimeoutException", 125_000)
    },
    noise: { request: ok(1_400), answer: ok(1_400), completion: ok(1_400) },
    close: { request: closed(2_000), answer: ok(1_400), completion: ok(1_400) },
    stopReading: { request: fails("RequestTimeout", 60_000), answer: ok(1_400), completion: ok(1_400) },
    stopAnswering: {
      request: fails("RequestTimeout", 60_000),
      answer: fails("RequestTimeout", 60_000),
      completion: ok(1_400)
    }
  },
  // Two pages: `completion` is the second one.
  list: {
    cut: { request: closed(0), answer: closed(0), completion: closed(0) },
    delay: { request: ok(3_000), answer: ok(3_000), completion: ok(3_000) },
    duplicate: { request: ok(0), answer: ok(0), completion: ok(0) },
    reorder: { request: ok(4_000), answer: ok(1_000), completion: ok(1_000) },
    truncate: {
      request: fails("RequestTimeout", 60_000),
      answer: fails("RequestTimeout", 60_000),
      completion: fails("RequestTimeout", 60_000)
    },
    noise: { request: ok(0), answer: ok(0), completion: ok(0) },
    close: { request: closed(2_000), answer: closed(2_000), completion: ok(0) },
    stopReading: {
      request: fails("RequestTimeout", 60_000),
      answer: fails("RequestTimeout", 60_000),
      completion: ok(0)
    },
    stopAnswering: {
      request: fails("RequestTimeout", 60_000),
      answer: fails("RequestTimeout", 60_000),
      completion: fails("RequestTimeout", 60_000)
    }
  },
  // Closing the Layer, while a turn is under way on the thread: the frames are those of its interruption. The other turn
  // is the older one, so its interruption was written before.
  close: {
    cut: {
      request: closed(0),
      answer: ["ConnectionClosed", 0, "TurnInterrupted"],
      completion: ["ConnectionClosed", 0, "TurnInterrupted"]
    },
    delay: { request: stopped(3_000), answer: stopped(3_000), completion: stopped(3_000) },
    duplicate: { request: stopped(0), answer: stopped(0), completion: stopped(0) },
    // Nothing is left that could overtake it.
    reorder: { request: stopped(4_000), answer: stopped(4_000), completion: stopped(4_000) },
    truncate: { request: stopped(5_000), answer: stopped(0), completion: stopped(1_000) },
    noise: { request: stopped(0), answer: stopped(0), completion: stopped(0) },
    close: { request: ["ConnectionClosed", 2_000, "TurnInterrupted"], answer: stopped(0), completion: stopped(0) },
    stopReading: { request: stopped(5_000), answer: stopped(0), completion: stopped(0) },
    stopAnswering: { request: stopped(0), answer: stopped(0), completion: stopped(0) }
  }
}
