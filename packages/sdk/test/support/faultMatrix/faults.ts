import * as Transport from "@effect-codex/sdk/Transport"
import * as Faults from "@effect-codex/testing/Faults"

/** What goes wrong, from one frame on or at one frame. */
export const faults = {
  cut: Faults.cut(Transport.end("Exited", { exitCode: 101, stderrTail: "panicked" })),
  delay: Faults.delay("3 seconds"),
  duplicate: Faults.duplicate,
  // Across turns: what is of one thread keeps its order.
  reorder: Faults.reorder({ behind: 1, within: "4 seconds" }),
  truncate: Faults.truncate,
  noise: Faults.noise(),
  close: Faults.close,
  stopReading: Faults.stopReading,
  stopAnswering: Faults.stopAnswering
}

export type FaultName = keyof typeof faults

export const faultNames: ReadonlyArray<FaultName> = [
  "cut",
  "delay",
  "duplicate",
  "reorder",
  "truncate",
  "noise",
  "close",
  "stopReading",
  "stopAnswering"
]
