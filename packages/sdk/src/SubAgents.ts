/**
 * The agents that a thread's agent has spawned, which work on threads of their own.
 *
 * @since 0.1.0
 */
import type * as Server from "@effect-codex/protocol/Server"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { AgentsStillActive, EventsError, RequestError } from "./CodexError.js"
import type { Thread } from "./Thread.js"

/**
 * An agent that another one has spawned, and those that it has spawned in turn, oldest first.
 *
 * @since 0.1.0
 * @category models
 */
export interface SubAgent {
  /** The id of its thread. */
  readonly id: string
  readonly parentId: string
  /** How far it is from the thread that was asked: 1 for those that this one has spawned itself. */
  readonly depth: number
  /** A name that the server has given it, by which agents and people call it. */
  readonly nickname: string | null
  readonly role: string | null
  readonly status: Server.ThreadStatus
  /** Its thread as a handle: its `events` tell what it does, and it may be given turns of its own. */
  readonly thread: Thread
  /** Its thread as the server has it. */
  readonly info: Server.Thread
  readonly children: ReadonlyArray<SubAgent>
}

/**
 * The agents below a thread.
 *
 * @since 0.1.0
 * @category models
 */
export interface SubAgents {
  /**
   * Those that the thread has spawned, each with those below it. Without the experimental API the server tells only of
   * threads that it has loaded; those that are at work always are.
   */
  readonly tree: Effect.Effect<ReadonlyArray<SubAgent>, RequestError>

  /** The tree as it is, and again whenever an agent is spawned or its status changes. */
  readonly changes: Stream.Stream<ReadonlyArray<SubAgent>, RequestError | EventsError>

  /**
   * Stops the active turns of all agents below the thread, and those of agents that they spawn meanwhile, and waits for
   * their end within `interruptGrace`. The thread's own turn goes on, and may spawn others: interrupt it first where it
   * shall not, since its interruption leaves its agents at work.
   */
  readonly stop: Effect.Effect<void, RequestError | AgentsStillActive>
}

/**
 * All agents of a tree, each before those that it has spawned.
 *
 * @since 0.1.0
 * @category conversions
 */
export const flatten = (tree: ReadonlyArray<SubAgent>): ReadonlyArray<SubAgent> =>
  tree.flatMap((agent) => [agent, ...flatten(agent.children)])
