/**
 * What answers the questions that the server asks: approvals, questions to the user, elicitations. They are given to
 * `Codex.start` for everything, to `startThread`, `resumeThread` and `fork` for a thread, or to a turn; the narrowest one
 * of a kind is asked first, and what nobody answers is declined.
 *
 * @since 0.1.0
 */
import type { Kind, Kinds, Tokens as SdkTokens } from "@effect-codex/sdk/ServerRequests"

export type {
  /**
   * @since 0.1.0
   * @category models
   */
  Kind
} from "@effect-codex/sdk/ServerRequests"

/**
 * Fresh tokens of a ChatGPT login that this program manages.
 *
 * @since 0.1.0
 * @category models
 */
export interface Tokens extends Omit<SdkTokens, "accessToken"> {
  readonly accessToken: string
}

interface PlainAnswers {
  readonly tokenRefresh: Tokens
  readonly attestation: string
  readonly currentTime: Date
}

/**
 * What a question is.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Question<K extends Kind> = Kinds[K]["question"]

/**
 * What a question is answered with; decisions are those of `Approval` and `Elicitation`.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Answer<K extends Kind> = K extends keyof PlainAnswers ? PlainAnswers[K] : Kinds[K]["answer"]

/**
 * A handler of one kind. Its signal is aborted when the question is settled otherwise: by another client, by the end of
 * its turn or of the connection; nothing is answered then. One that answers nothing (`undefined`) leaves the question to
 * the next wider handler. Where it throws, the question is declined and the failure logged.
 *
 * @since 0.1.0
 * @category models
 */
export type Handler<K extends Kind> = (
  question: Question<K>,
  context: { readonly signal: AbortSignal }
) => Answer<K> | undefined | Promise<Answer<K> | undefined>

/**
 * Handlers by kind. Several may run at once, and a slow one delays nothing else.
 *
 * @example
 * ```ts
 * import { Approval, Codex } from "@effect-codex/promise"
 * import { createInterface } from "node:readline/promises"
 *
 * const terminal = createInterface({ input: process.stdin, output: process.stdout })
 *
 * await using codex = await Codex.start({
 *   handlers: {
 *     commandApproval: async ({ command }, { signal }) =>
 *       await terminal.question(`Run ${command}? `, { signal }) === "yes" ? Approval.accept : Approval.decline
 *   }
 * })
 * ```
 *
 * @since 0.1.0
 * @category models
 */
export type Handlers = { readonly [K in Kind]?: Handler<K> | undefined }
