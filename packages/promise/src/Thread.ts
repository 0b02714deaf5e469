/**
 * A conversation on the server: a sequence of turns, of which one runs at a time.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import type * as Server from "@effect-codex/protocol/Server"
import type { Result as GoalResult } from "@effect-codex/sdk/Goal"
import type { Input } from "@effect-codex/sdk/Input"
import type { Target as ReviewTarget } from "@effect-codex/sdk/Review"
import type { TurnResult } from "@effect-codex/sdk/TurnResult"
import type { Handlers } from "./Handlers.js"
import type { InferOutput, StandardSchema } from "./StandardSchema.js"
import type { Tool } from "./Tool.js"
import type { CallOptions, Decoded, RunAsOptions, RunOptions, Turn, TurnOptions } from "./Turn.js"
import type { Events, ThreadEvent, TurnEvent } from "./TurnEvent.js"

/**
 * What opening a thread takes beside the server's own params.
 *
 * @since 0.1.0
 * @category models
 */
export interface OpenThreadOptions extends CallOptions {
  /**
   * What the thread's agent can call in this program. The server keeps the tools that a thread was started with: to
   * resume or fork it with them is to answer their calls.
   */
  readonly tools?: ReadonlyArray<Tool> | undefined
  /** What answers the questions of the thread and of its sub-agents, before the handlers of the Codex do. */
  readonly handlers?: Handlers | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface StartThreadOptions extends Client.ThreadStartParams, OpenThreadOptions {}

/**
 * @since 0.1.0
 * @category models
 */
export interface ResumeThreadOptions extends Omit<Client.ThreadResumeParams, "threadId">, OpenThreadOptions {}

/**
 * @since 0.1.0
 * @category models
 */
export interface ForkThreadOptions extends Omit<Client.ThreadForkParams, "threadId">, OpenThreadOptions {}

/**
 * A thread is a value and needs no release. Its calls fail with errors of `CodexError`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Thread {
  readonly id: string

  /**
   * Runs one turn to its end. Aborting its signal stops the turn on the server, waits for that, and rejects with
   * `TurnInterrupted`, which has what the turn had come to.
   *
   * @example
   * ```ts
   * import { Codex } from "@effect-codex/promise"
   *
   * await using codex = await Codex.start()
   * const thread = await codex.startThread()
   * const { finalResponse } = await thread.run("What does this repository do?", { signal: AbortSignal.timeout(60_000) })
   * console.log(finalResponse)
   * ```
   */
  readonly run: (input: Input, options?: RunOptions) => Promise<TurnResult>

  /**
   * Runs one turn whose final response is what the schema takes, and resolves to what the schema makes of it.
   *
   * @example
   * ```ts
   * import { Codex } from "@effect-codex/promise"
   * import { z } from "zod"
   *
   * const Review = z.object({ verdict: z.enum(["merge", "change"]), problems: z.array(z.string()) })
   *
   * await using codex = await Codex.start()
   * const thread = await codex.startThread()
   * const { value } = await thread.runAs(Review, "Review the last commit.", { repair: 1 })
   * console.log(value.verdict, value.problems.length)
   * ```
   */
  readonly runAs: <S extends StandardSchema>(
    schema: S,
    input: Input,
    options?: RunAsOptions
  ) => Promise<Decoded<InferOutput<S>>>

  /**
   * Runs one turn as the events it tells. The turn begins when they are first read, once; one that is never read begins
   * no turn. `break`, `return` and `throw` stop the turn on the server and wait for that, at most `interruptGraceMs`;
   * so does the signal, after which no further event comes and the next read throws `TurnInterrupted`.
   *
   * @example
   * ```ts
   * import { Codex } from "@effect-codex/promise"
   *
   * await using codex = await Codex.start()
   * const thread = await codex.startThread()
   * for await (const event of thread.stream("Tell a story.")) {
   *   if (event._tag === "ItemAgentMessageDelta") process.stdout.write(event.delta)
   * }
   * ```
   */
  readonly stream: (input: Input, options?: RunOptions) => Events<TurnEvent>

  /** Starts a turn, and resolves as soon as the server has accepted it. */
  readonly startTurn: (input: Input, options?: TurnOptions) => Promise<Turn>

  /** The thread as the server has it; `includeTurns` brings its turns with their items. */
  readonly read: (options?: { readonly includeTurns?: boolean } & CallOptions) => Promise<Server.Thread>

  /** The turns that the server has stored, newest first unless asked otherwise, a page at a time. */
  readonly turns: (options?: Omit<Client.ThreadTurnsListParams, "threadId"> & CallOptions) => Events<Server.Turn>

  /** The items that the server has stored, oldest first unless asked otherwise, a page at a time. */
  readonly items: (
    options?: Omit<Client.ThreadItemsListParams, "threadId"> & CallOptions
  ) => Events<Server.ThreadItemEntry>

  readonly setName: (name: string, options?: CallOptions) => Promise<void>

  /** Has the server summarise the history to free context, and waits for that. */
  readonly compact: (options?: CallOptions) => Promise<TurnResult>

  /** Has the agent review code, as `{ type: "uncommittedChanges" }` for one. `finalResponse` is what the review says. */
  readonly review: (target: ReviewTarget, options?: CallOptions) => Promise<TurnResult>

  /** Runs a shell command of the user on the thread, unconfined, so that the agent knows of it. */
  readonly shellCommand: (
    command: string,
    options?: Omit<Client.ThreadShellCommandParams, "threadId" | "command"> & CallOptions
  ) => Promise<TurnResult>

  /**
   * Has the server pursue an objective, turn by turn, and waits until it is complete. Aborting it pauses the goal and
   * stops the active turn.
   */
  readonly pursue: (
    objective: string,
    options?: Omit<Client.ThreadGoalSetParams, "threadId" | "objective" | "status"> & CallOptions
  ) => Promise<GoalResult>

  /** Puts the thread away: it is not listed any more, unless archived threads are asked for. */
  readonly archive: (options?: CallOptions) => Promise<void>

  /** Takes the thread out of the archive. It has to be resumed before it takes a turn. */
  readonly unarchive: (options?: CallOptions) => Promise<Server.Thread>

  /** Lets the server unload the thread. A later turn resumes it. */
  readonly unsubscribe: (options?: CallOptions) => Promise<void>

  /** What happens on the thread from when this is first read, whoever started it. */
  readonly events: (options?: CallOptions) => Events<ThreadEvent>
}

/**
 * A thread that was just started, resumed or forked, with what the server said of it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Opened<out Info> extends Thread {
  readonly info: Info
}
