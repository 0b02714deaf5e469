import type * as Server from "@effect-codex/protocol/Server"
import { ServerRequests as table } from "@effect-codex/protocol/ServerRequests"
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { AnswerRefused } from "../../CodexError.js"
import type { Kind, Kinds, UserInput, UserInputAnswer } from "../../ServerRequests.js"
import { isRecord, type RequestId } from "../connection/envelope.js"
import * as Logs from "../observability/logs.js"
import * as Decisions from "./decisions.js"
import * as Elicitation from "./elicitation.js"

/** @internal */
export type Question<K extends Kind = Kind> = Kinds[K]["question"]

/** @internal */
export type Answer<K extends Kind = Kind> = Kinds[K]["answer"]

/** The item that a question is about, by its id, where it is known here. */
type ItemOf = (itemId: string) => Server.ThreadItem | undefined

const methods = {
  commandApproval: "item/commandExecution/requestApproval",
  fileChangeApproval: "item/fileChange/requestApproval",
  permissionsApproval: "item/permissions/requestApproval",
  userInput: "item/tool/requestUserInput",
  elicitation: "mcpServer/elicitation/request",
  toolCall: "item/tool/call",
  tokenRefresh: "account/chatgptAuthTokens/refresh",
  attestation: "attestation/generate",
  currentTime: "currentTime/read",
  legacyCommandApproval: "execCommandApproval",
  legacyPatchApproval: "applyPatchApproval"
} as const satisfies { readonly [K in Kind]: keyof typeof table }

type Params<K extends Kind> = (typeof table)[(typeof methods)[K]]["params"]["Type"]

/** How the questions of a kind are read, and how their answers are written. */
interface Spec<K extends Kind> {
  /** What a question has beside its params. */
  readonly add: (params: Params<K>, itemOf: ItemOf) => Omit<Question<K>, "requestId" | keyof Params<K>>
  /** Why this question cannot be answered so, or `undefined` where it can. */
  readonly problem?: (question: Question<K>, answer: Answer<K>) => string | undefined
  /** The answer as it is sent. `params` are those of the question as they came. */
  readonly write: (answer: Answer<K>, question: Question<K>, params: unknown) => unknown
  /** What of an answer is shown to nobody but the server. */
  readonly secrets?: (answer: Answer<K>) => ReadonlyArray<Redacted.Redacted>
}

const decisionProblem = (
  approval: Parameters<typeof Decisions.isAllowed>[0],
  decision: Parameters<typeof Decisions.isAllowed>[1]
) =>
  Decisions.isAllowed(approval, decision)
    ? undefined
    : `${decision._tag} grants what it does not allow; its decisions are ${
      approval.decisions.map(({ _tag }) => _tag).join(", ")
    }.`

const userInputProblem = ({ questions }: UserInput, answer: UserInputAnswer) => {
  const strangers = Object.keys(answer).filter((id) => questions.every((question) => question.id !== id))
  return strangers.length === 0
    ? undefined
    : `it has no question ${strangers.join(", ")}; its questions are ${questions.map(({ id }) => id).join(", ")}.`
}

const specs: { readonly [K in Kind]: Spec<K> } = {
  commandApproval: {
    add: (params) => ({ _tag: "CommandApproval", decisions: Decisions.ofCommand(params) }),
    problem: decisionProblem,
    write: (decision) => ({ decision: Decisions.commandToWire(decision) })
  },
  fileChangeApproval: {
    add: ({ itemId }, itemOf) => {
      const item = itemOf(itemId)
      return {
        _tag: "FileChangeApproval",
        decisions: Decisions.ofFileChange,
        changes: item?.type === "fileChange" ? item.changes : undefined
      }
    },
    problem: decisionProblem,
    write: (decision) => ({ decision: Decisions.fileChangeToWire(decision) })
  },
  permissionsApproval: {
    add: () => ({ _tag: "PermissionsApproval", decisions: Decisions.ofPermissions }),
    problem: decisionProblem,
    write: (decision, _, params) => Decisions.permissionsToWire(decision, isRecord(params) ? params["permissions"] : {})
  },
  userInput: {
    add: () => ({ _tag: "UserInput" }),
    problem: userInputProblem,
    write: (answer) => ({
      answers: Object.fromEntries(
        Object.entries(answer).map(([id, said]) => [id, { answers: typeof said === "string" ? [said] : said }])
      )
    })
  },
  elicitation: {
    add: (params) => ({
      _tag: "Elicitation",
      approval: "_meta" in params ? Elicitation.approvalOf(params._meta) : undefined
    }),
    problem: Elicitation.problem,
    write: Elicitation.toWire
  },
  toolCall: {
    add: () => ({ _tag: "ToolCall" }),
    write: (response) => response
  },
  tokenRefresh: {
    add: () => ({ _tag: "TokenRefresh" }),
    write: ({ accessToken, accountId, planType }) => ({
      accessToken: Redacted.value(accessToken),
      chatgptAccountId: accountId,
      chatgptPlanType: planType ?? null
    }),
    secrets: ({ accessToken }) => [accessToken]
  },
  attestation: {
    add: () => ({ _tag: "Attestation" }),
    write: (token) => ({ token: Redacted.value(token) }),
    secrets: (token) => [token]
  },
  currentTime: {
    add: () => ({ _tag: "CurrentTime" }),
    write: (time) => ({ currentTimeAt: Math.floor(DateTime.toEpochMillis(time) / 1_000) })
  },
  legacyCommandApproval: {
    add: () => ({ _tag: "LegacyCommandApproval", decisions: Decisions.ofFileChange }),
    problem: decisionProblem,
    write: (decision) => ({ decision: Decisions.legacyToWire(decision) })
  },
  legacyPatchApproval: {
    add: () => ({ _tag: "LegacyPatchApproval", decisions: Decisions.ofFileChange }),
    problem: decisionProblem,
    write: (decision) => ({ decision: Decisions.legacyToWire(decision) })
  }
}

// Object.keys of a record of kinds gives kinds.
const kinds = new Map((Object.keys(methods) as Array<Kind>).map((kind) => [methods[kind] as string, kind]))

/**
 * The kind of the questions of a method, or `undefined` where this version does not know it.
 *
 * @internal
 */
export const kindOf = (method: string): Kind | undefined => kinds.get(method)

/**
 * A question as its handlers see it.
 *
 * @internal
 */
export const read = <K extends Kind>(
  kind: K,
  requestId: RequestId,
  params: unknown,
  itemOf: ItemOf
): Either.Either<Question<K>, ParseResult.ParseError> =>
  Either.map(
    // The schema is that of the kind's method, which the compiler cannot follow through the table.
    decode(kind, params) as Either.Either<Params<K>, ParseResult.ParseError>,
    (decoded) => ({ ...decoded, ...specs[kind].add(decoded, itemOf), requestId }) as Question<K>
  )

const decode = (kind: Kind, params: unknown) =>
  Schema.decodeUnknownEither(Schema.make<unknown>(table[methods[kind]].params.ast), { onExcessProperty: "preserve" })(
    params
  )

/**
 * An answer as it is sent, or why the question does not take it. `params` are those of the question as they came.
 *
 * @internal
 */
export const encode = <K extends Kind>(
  kind: K,
  question: Question<K>,
  answer: Answer<K>,
  params: unknown
): Either.Either<unknown, AnswerRefused> => {
  const refuse = (detail: string) =>
    Either.left(new AnswerRefused({ requestId: question.requestId, reason: "NotAllowed", detail }))
  const problem = specs[kind].problem?.(question, answer)
  if (problem !== undefined) {
    return refuse(problem)
  }
  const written = specs[kind].write(answer, question, params)
  const misfit = misfitOf(kind, written)
  return misfit === undefined ? Either.right(written) : refuse(`it cannot be sent: ${misfit}.`)
}

/** What the compiler lets pass and the server would not understand: no answer at all, or one that is not JSON. */
const misfitOf = (kind: Kind, written: unknown): string | undefined => {
  const json = Either.try((): unknown => JSON.parse(JSON.stringify(written)))
  if (Either.isLeft(json)) {
    return "it is no JSON"
  }
  // What was asked for is granted as it came, with what this version does not know.
  return kind === "permissionsApproval" ? undefined : Either.match(validate(kind, json.right), {
    onLeft: Logs.placesOf,
    onRight: () => undefined
  })
}

const validate = (kind: Kind, json: unknown) =>
  Schema.decodeUnknownEither(Schema.make<unknown>(table[methods[kind]].result.ast))(json)

/**
 * What of an answer is shown to nobody but the server.
 *
 * @internal
 */
export const secretsOf = <K extends Kind>(kind: K, answer: Answer<K>): ReadonlyArray<Redacted.Redacted> =>
  specs[kind].secrets?.(answer) ?? []
