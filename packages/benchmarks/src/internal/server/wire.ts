/** What the app-server of the benchmarks writes, of the size that the real one writes it. */

/** What is to happen, told by the text of a turn's input: all turns of a batch say the same. */
export interface Order {
  /** How many turns are started before anything is written. */
  readonly turns: number
  /** How many deltas are written then, in all. */
  readonly deltas: number
  /** After how many of them the server waits for a list of threads or models, for which the client asks once it has them. */
  readonly warmUp?: number
  /** How many of the turns they go to, one after the other. The others stay silent to their end. */
  readonly active?: number
  /** Milliseconds between two deltas, each with a write of its own; without it they come in writes of 64 KiB. */
  readonly pause?: number
  /**
   * Where it is given, every delta tells the microseconds of the system's clock when it was written, and the first turn
   * gets none of them: it gets so many others, in a write before each.
   */
  readonly flood?: number
  /** Milliseconds from the answer to the last start to the first delta, so that what was asked for has settled. */
  readonly settling?: number
}

const padded = (kind: string, index: number) => `019a0000-0000-7000-${kind}-${String(index).padStart(12, "0")}`

export const threadId = (index: number): string => padded("8000", index)

export const turnId = (index: number): string => padded("9000", index)

const line = (message: unknown) => `${JSON.stringify(message)}\n`

const turn = (index: number, status: "inProgress" | "completed") => ({
  id: turnId(index),
  items: [],
  itemsView: "notLoaded",
  status,
  error: null,
  startedAt: 1_790_000_000,
  completedAt: status === "completed" ? 1_790_000_001 : null,
  durationMs: status === "completed" ? 1_000 : null
})

/** A turn that was started on a thread. */
export interface Started {
  readonly thread: string
  readonly index: number
}

export const turnAnswer = (id: unknown, { index }: Started): string =>
  line({ id, result: { turn: turn(index, "inProgress") } })

export const turnStarted = ({ index, thread }: Started): string =>
  line({ method: "turn/started", params: { threadId: thread, turn: turn(index, "inProgress") } })

export const turnCompleted = ({ index, thread }: Started): string =>
  line({ method: "turn/completed", params: { threadId: thread, turn: turn(index, "completed") } })

/** Every message is sent a millisecond after the one before, so that no two are alike. */
let emittedAtMs = 1_790_000_000_000

/** About 190 bytes. */
export const delta = ({ index, thread }: Started, text: string): string =>
  line({
    method: "item/agentMessage/delta",
    params: { threadId: thread, turnId: turnId(index), itemId: "msg_1", delta: text },
    emittedAtMs: emittedAtMs++
  })

/** Microseconds of a clock that all processes of the machine share. */
export const clock = (): number => Number(process.hrtime.bigint() / 1_000n)

export const answer = (id: unknown, result: unknown): string => line({ id, result })

const thread = (id: string) => ({
  id,
  sessionId: id,
  preview: "",
  ephemeral: false,
  modelProvider: "benchmark",
  createdAt: 1_790_000_000,
  updatedAt: 1_790_000_000,
  status: { type: "idle" },
  cwd: "/workspace",
  cliVersion: "0.169.0",
  source: "vscode",
  name: null,
  turns: []
})

export const threadAnswer = (id: unknown, started: string): string =>
  answer(id, {
    thread: thread(started),
    model: "benchmark",
    modelProvider: "benchmark",
    cwd: "/workspace",
    approvalPolicy: "never",
    approvalsReviewer: "user",
    sandbox: { type: "readOnly", networkAccess: false },
    reasoningEffort: null
  })

export const initializeAnswer = (id: unknown): string =>
  answer(id, {
    userAgent: "benchmarks/0.169.0 (benchmark)",
    codexHome: "/home/user/.codex",
    platformFamily: "unix",
    platformOs: "linux"
  })
