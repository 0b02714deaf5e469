/**
 * What answers the questions that the server asks: approvals, questions to the user, elicitations, tool calls, tokens.
 *
 * Handlers are given as a Layer, and where it is provided is how far it reaches: to the connection's Layer, for
 * everything on it; to `startThread`, `resumeThread` or `forkThread`, for that thread and the threads of its
 * sub-agents; to `run`, `stream` or `startTurn`, for that turn. The narrowest one that has a handler of the kind
 * answers; one that passes leaves the question to the next wider. What nobody answers is declined.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import type * as Server from "@effect-codex/protocol/Server"
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import type * as Terminal from "@effect/platform/Terminal"
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Approval from "./Approval.js"
import type * as CodexError from "./CodexError.js"
import type * as Elicitation from "./Elicitation.js"
import { askOnTerminal as askOnTerminal_ } from "./internal/serverRequests/askOnTerminal.js"
import * as internal from "./internal/serverRequests/handlers.js"
import * as ready from "./internal/serverRequests/readyHandlers.js"

/**
 * What every question has: the id it is answered under, on its connection and nowhere else.
 *
 * @since 0.1.0
 * @category models
 */
export interface Question<Tag extends string> {
  readonly _tag: Tag
  readonly requestId: string | number
}

/**
 * May the command run? `decisions` are the ones that it can be answered with.
 *
 * @since 0.1.0
 * @category models
 */
export interface CommandApproval extends Question<"CommandApproval">, Server.CommandExecutionRequestApprovalParams {
  readonly decisions: ReadonlyArray<Approval.CommandDecision>
}

/**
 * May the files be changed? `changes` are those of the item that is asked about, where this program holds its turn.
 *
 * @since 0.1.0
 * @category models
 */
export interface FileChangeApproval extends Question<"FileChangeApproval">, Server.FileChangeRequestApprovalParams {
  readonly decisions: ReadonlyArray<Approval.FileChangeDecision>
  readonly changes: ReadonlyArray<Server.FileUpdateChange> | undefined
}

/**
 * May the agent have these permissions, in `permissions`? A part of them can be granted as well (`Approval.grant`).
 *
 * @since 0.1.0
 * @category models
 */
export interface PermissionsApproval extends Question<"PermissionsApproval">, Server.PermissionsRequestApprovalParams {
  readonly decisions: ReadonlyArray<Approval.PermissionsDecision>
}

/**
 * What the agent wants to know of the user.
 *
 * @since 0.1.0
 * @category models
 */
export interface UserInput extends Question<"UserInput">, Server.ToolRequestUserInputParams {}

/**
 * What is said to each question, by its id: an option's label, several, or words of the user's own.
 *
 * @since 0.1.0
 * @category models
 */
export interface UserInputAnswer {
  readonly [questionId: string]: string | ReadonlyArray<string>
}

/**
 * A form to fill in or a page to visit, for an MCP server; `mode` says which, and `Elicitation.fields` what a form takes.
 * Where `approval` is given, it is no form: to accept it is to let the tool be called.
 *
 * @since 0.1.0
 * @category models
 */
export type ElicitationRequest = Question<"Elicitation"> & Server.McpServerElicitationRequestParams & {
  readonly approval: Elicitation.ToolApproval | undefined
}

/**
 * A call of a tool that this client has given the thread.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolCall extends Question<"ToolCall">, Server.DynamicToolCallParams {}

/**
 * The server needs fresh ChatGPT tokens, for a login that the client manages.
 *
 * @since 0.1.0
 * @category models
 */
export interface TokenRefresh extends Question<"TokenRefresh">, Server.ChatgptAuthTokensRefreshParams {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Tokens {
  readonly accessToken: Redacted.Redacted
  readonly accountId: string
  readonly planType?: string | undefined
}

/**
 * The server needs a fresh attestation of this client.
 *
 * @since 0.1.0
 * @category models
 */
export interface Attestation extends Question<"Attestation">, Server.AttestationGenerateParams {}

/**
 * What time is it, for a thread whose clock the client owns?
 *
 * @since 0.1.0
 * @category models
 */
export interface CurrentTime extends Question<"CurrentTime">, Server.CurrentTimeReadParams {}

/**
 * An approval of the first version of the protocol, which names its thread `conversationId`.
 *
 * @since 0.1.0
 * @category models
 */
export type LegacyApproval = LegacyCommandApproval | LegacyPatchApproval

/**
 * @since 0.1.0
 * @category models
 */
export interface LegacyCommandApproval extends Question<"LegacyCommandApproval">, Server.ExecCommandApprovalParams {
  readonly decisions: ReadonlyArray<Approval.FileChangeDecision>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface LegacyPatchApproval extends Question<"LegacyPatchApproval">, Server.ApplyPatchApprovalParams {
  readonly decisions: ReadonlyArray<Approval.FileChangeDecision>
}

/**
 * Each kind of question, and what it is answered with.
 *
 * @since 0.1.0
 * @category models
 */
export interface Kinds {
  readonly commandApproval: { readonly question: CommandApproval; readonly answer: Approval.CommandDecision }
  readonly fileChangeApproval: { readonly question: FileChangeApproval; readonly answer: Approval.FileChangeDecision }
  readonly permissionsApproval: {
    readonly question: PermissionsApproval
    readonly answer: Approval.PermissionsDecision
  }
  readonly userInput: { readonly question: UserInput; readonly answer: UserInputAnswer }
  readonly elicitation: { readonly question: ElicitationRequest; readonly answer: Elicitation.Answer }
  readonly toolCall: { readonly question: ToolCall; readonly answer: Client.DynamicToolCallResponse }
  readonly tokenRefresh: { readonly question: TokenRefresh; readonly answer: Tokens }
  readonly attestation: { readonly question: Attestation; readonly answer: Redacted.Redacted }
  readonly currentTime: { readonly question: CurrentTime; readonly answer: DateTime.DateTime }
  readonly legacyCommandApproval: {
    readonly question: LegacyCommandApproval
    readonly answer: Approval.FileChangeDecision
  }
  readonly legacyPatchApproval: { readonly question: LegacyPatchApproval; readonly answer: Approval.FileChangeDecision }
}

/**
 * @since 0.1.0
 * @category models
 */
export type Kind = keyof Kinds

/**
 * The kinds that a person answers.
 *
 * @since 0.1.0
 * @category models
 */
export type PersonalKind = Exclude<Kind, "toolCall" | "tokenRefresh" | "attestation" | "currentTime">

/**
 * A question that waits for its answer, as `thread.approvals` brings it. The first answer counts; one that the question
 * does not take, or that comes when it is over, is refused.
 *
 * @since 0.1.0
 * @category models
 */
export type Open = {
  readonly [K in PersonalKind]: Kinds[K]["question"] & {
    readonly answer: (answer: Kinds[K]["answer"]) => Effect.Effect<void, CodexError.AnswerRefused>
    /** Grants nothing: declines, or answers with nothing. */
    readonly decline: Effect.Effect<void, CodexError.AnswerRefused>
    /** Leaves it to the next wider handlers, and so to the safe answer in the end. */
    readonly pass: Effect.Effect<void, CodexError.AnswerRefused>
    /** Waits until it is over: answered here or elsewhere, or not asked any more. */
    readonly closed: Effect.Effect<void>
  }
}[PersonalKind]

/**
 * A handler of one kind. It is interrupted, and nothing is answered, when the server settles the question otherwise, its
 * turn ends, or the connection does. Where it fails, the question is declined and the failure logged; where it dies,
 * the server is told so by an error.
 *
 * @since 0.1.0
 * @category models
 */
export type Handler<K extends Kind, E = unknown, R = never> = (
  question: Kinds[K]["question"]
) => Effect.Effect<Kinds[K]["answer"], E, R>

/**
 * Handlers by kind. Each runs in a fiber of its own: several questions may be open at once, and a slow one delays
 * nothing else.
 *
 * @since 0.1.0
 * @category models
 */
export type Handlers<R = never> = { readonly [K in Kind]?: Handler<K, unknown, R> | undefined }

/**
 * What handlers need.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Requirements<H> = {
  [K in keyof H]-?: Exclude<H[K], undefined> extends
    (...args: infer _Args) => Effect.Effect<infer _A, infer _E, infer R> ? R
    : never
}[keyof H]

/**
 * The handlers that apply where a connection, a thread or a turn is opened. By default there are none.
 *
 * @since 0.1.0
 * @category services
 */
export class ServerRequests extends Context.Reference<ServerRequests>()("@effect-codex/sdk/ServerRequests", {
  defaultValue: (): Handlers => internal.none
}) {}

/**
 * Leaves a question to the next wider handlers of its kind.
 *
 * @since 0.1.0
 * @category constructors
 */
export const pass: Effect.Effect<never, CodexError.Passed> = internal.pass

/**
 * Handlers for whatever the Layer is provided to, with what they need taken from where the Layer is built.
 *
 * @example
 * ```ts
 * import { NodeCodex } from "@effect-codex/node"
 * import { Approval, ServerRequests } from "@effect-codex/sdk"
 * import { Effect, Layer } from "effect"
 *
 * const CodexLive = NodeCodex.layer().pipe(
 *   Layer.provide(ServerRequests.layer({
 *     fileChangeApproval: ({ changes }) =>
 *       Effect.succeed(changes?.every(({ kind }) => kind.type === "add") === true ? Approval.accept : Approval.decline)
 *   }))
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = <const H extends Handlers<unknown>>(
  handlers: H & { readonly [K in Exclude<keyof H, Kind>]: never }
): Layer.Layer<ServerRequests, never, Requirements<H>> => Layer.effect(ServerRequests, internal.provided<H>(handlers))

/**
 * The first handlers, and what they pass or have no handler for to the second ones.
 *
 * @example
 * ```ts
 * import { NodeCodex } from "@effect-codex/node"
 * import { ServerRequests } from "@effect-codex/sdk"
 * import { NodeTerminal } from "@effect/platform-node"
 * import { Layer } from "effect"
 *
 * const readsUnasked = ServerRequests.orElse(ServerRequests.acceptReads, ServerRequests.askOnTerminal)
 *
 * const CodexLive = NodeCodex.layer().pipe(
 *   Layer.provide(ServerRequests.layer(readsUnasked)),
 *   Layer.provide(NodeTerminal.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const orElse: {
  <const B extends Handlers<unknown>>(
    that: B
  ): <const A extends Handlers<unknown>>(self: A) => Handlers<Requirements<A> | Requirements<B>>
  <const A extends Handlers<unknown>, const B extends Handlers<unknown>>(
    self: A,
    that: B
  ): Handlers<Requirements<A> | Requirements<B>>
} = dual(2, internal.orElse)

/**
 * Declines what a person would be asked, as is done by default; here so that nothing wider is asked.
 *
 * @since 0.1.0
 * @category handlers
 */
export const declineAll: { readonly [K in PersonalKind]: Handler<K, never> } = ready.declineAll

/**
 * Accepts commands that only read, list or search files, and passes everything else. What the server says that a
 * command does is not taken on trust: it counts `find . -delete` as a listing. So the command must also be a plain one
 * of a few known programs, without the options by which they write or run something, and ask for no further permissions.
 * A command that is accepted runs outside of the sandbox, and reads whatever the server's user can.
 *
 * @since 0.1.0
 * @category handlers
 */
export const acceptReads: {
  readonly commandApproval: Handler<"commandApproval", CodexError.Passed>
} = ready.acceptReads

/**
 * Accepts changes of files whose every path is within the folder, where a file is moved to included, and passes
 * everything else. Symbolic links are followed, so the files have to be where this program runs. Commands are passed:
 * what a command changes cannot be told from its text.
 *
 * @since 0.1.0
 * @category handlers
 */
export const acceptWithin: (folder: string) => {
  readonly fileChangeApproval: Handler<
    "fileChangeApproval",
    CodexError.Passed,
    FileSystem.FileSystem | Path.Path
  >
} = ready.acceptWithin

/**
 * Asks on the terminal, one question at a time, with the decisions that each allows; what was typed before is not taken
 * for an answer. Ctrl+D declines, Ctrl+C declines and stops the turn. Passes what it cannot show: elicitations of a
 * kind that this version does not know.
 *
 * @since 0.1.0
 * @category handlers
 */
export const askOnTerminal: {
  readonly [K in "commandApproval" | "fileChangeApproval" | "permissionsApproval" | "userInput" | "elicitation"]:
    Handler<K, PlatformError | CodexError.Passed, Terminal.Terminal>
} = askOnTerminal_
