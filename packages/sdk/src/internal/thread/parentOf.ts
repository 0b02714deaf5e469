import { stringAt } from "../connection/envelope.js"

/**
 * The thread that a thread was spawned from, by what the server tells of it: 0.130 says so nowhere but in its source.
 *
 * @internal
 */
export const parentOf = (thread: unknown): string | undefined =>
  stringAt(thread, ["parentThreadId"]) ?? stringAt(thread, ["source", "subAgent", "thread_spawn", "parent_thread_id"])
