import * as Schema from "effect/Schema"
import { RequestFailed } from "./request.js"
import { TypeId } from "./typeId.js"

/**
 * The server found no such thread where it had to be: turns need a thread that is loaded, resuming and the like one
 * that is stored, `unarchive` one in the archive. An id that cannot be a thread's is not found either.
 *
 * @since 0.1.0
 * @category errors
 */
export class ThreadNotFound extends Schema.TaggedError<ThreadNotFound>("@effect-codex/sdk/CodexError/ThreadNotFound")(
  "ThreadNotFound",
  {
    threadId: Schema.String,
    /** The refusal itself, with the method and the server's own words. */
    cause: RequestFailed
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    const { method, serverMessage } = this.cause
    const found = `${method} found no thread ${this.threadId} (${serverMessage}).`
    return method === "thread/resume" || method === "thread/fork"
      ? `${found} A thread is stored with its first turn; \`codex.threads()\` lists those that are.`
      : `${found} A thread takes turns while it is loaded, which \`codex.resumeThread\` does.`
  }
}

/**
 * The thread is in the archive, where it cannot be resumed, forked or changed.
 *
 * @since 0.1.0
 * @category errors
 */
export class ThreadArchived extends Schema.TaggedError<ThreadArchived>("@effect-codex/sdk/CodexError/ThreadArchived")(
  "ThreadArchived",
  {
    threadId: Schema.String,
    /** The refusal itself, with the method and the server's own words. */
    cause: RequestFailed
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `${this.cause.method} was refused, since thread ${this.threadId} is archived. Take it out with \`unarchive\`.`
  }
}
