import type { PlatformError } from "@effect/platform/Error"
import type * as Terminal from "@effect/platform/Terminal"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Decision } from "../../Approval.js"
import * as Approval from "../../Approval.js"
import type { Passed } from "../../CodexError.js"
import * as Elicitation from "../../Elicitation.js"
import type {
  CommandApproval,
  ElicitationRequest,
  FileChangeApproval,
  PermissionsApproval,
  UserInput,
  UserInputAnswer
} from "../../ServerRequests.js"
import { problemsOf } from "./elicitation.js"
import { pass } from "./handlers.js"
import { type Prompter, type Quit, withPrompter } from "./prompter.js"

/** @internal */
export const askOnTerminal = {
  commandApproval: (approval: CommandApproval) => decide(commandText(approval), approval.decisions),
  fileChangeApproval: (approval: FileChangeApproval) => decide(changeText(approval), approval.decisions),
  permissionsApproval: (approval: PermissionsApproval) => decide(permissionsText(approval), approval.decisions),
  userInput: (question: UserInput): Asked<UserInputAnswer> =>
    withPrompter((prompter) => askUser(prompter, question)).pipe(
      Effect.catchTag("Quit", () => Effect.succeed({}))
    ),
  elicitation: (request: ElicitationRequest): Effect.Effect<
    Elicitation.Answer,
    PlatformError | Passed,
    Terminal.Terminal
  > => {
    const ask = elicit(request)
    return ask === undefined
      ? pass
      : withPrompter(ask).pipe(
        Effect.catchTag(
          "Quit",
          ({ turnedAway }) => Effect.succeed(turnedAway ? Elicitation.cancel : Elicitation.decline)
        )
      )
  }
}

type Asked<A> = Effect.Effect<A, PlatformError, Terminal.Terminal>

// approvals

const decide = <D extends Decision>(text: string, decisions: ReadonlyArray<D>): Asked<D | Approval.Decline> =>
  withPrompter(({ choose, say }) =>
    Effect.zipRight(say(text), choose(decisions.map((decision) => [decisionText(decision), decision] as const)))
  ).pipe(
    Effect.catchTag("Quit", ({ turnedAway }) => {
      const cancel = decisions.find(({ _tag }) => _tag === "Cancel")
      return Effect.succeed(turnedAway && cancel !== undefined ? cancel : Approval.decline)
    })
  )

const decisionText = (decision: Decision): string => {
  switch (decision._tag) {
    case "Accept":
      return "accept"
    case "AcceptForSession":
      return "accept for this session"
    case "AcceptWithExecPolicyAmendment":
      return line`accept, and from now on whatever begins with: ${decision.amendment.join(" ")}`
    case "ApplyNetworkPolicyAmendment":
      return line`from now on, ${decision.amendment.action} connections to ${decision.amendment.host}`
    case "Grant":
      return "grant a part"
    case "Decline":
      return "decline"
    case "Cancel":
      return "decline, and stop the turn"
  }
}

const lines = (...some: ReadonlyArray<string | undefined>): string =>
  `\n${some.filter((line) => line !== undefined).join("\n")}`

/** One line, whatever is put into it: what others say must not look like lines of this. */
const line = (strings: TemplateStringsArray, ...values: ReadonlyArray<string>): string =>
  String.raw({ raw: strings }, ...values.map((value) => value.replaceAll("\n", "\\n")))

const indented = (text: string): string => text.split("\n").map((line) => `    ${line}`).join("\n")

const because = (reason: string | null | undefined) => reason == null ? undefined : line`  Reason: ${reason}`

const commandText = (
  { additionalPermissions, command, cwd, kind, networkApprovalContext, reason }: CommandApproval
): string =>
  lines(
    kind === "writeStdin"
      ? "May codex write to a command that runs?"
      : networkApprovalContext == null
      ? "May codex run this command?"
      : line`May codex connect to ${networkApprovalContext.host} (${networkApprovalContext.protocol})?`,
    command == null ? undefined : indented(command),
    cwd == null ? undefined : line`  In: ${cwd}`,
    additionalPermissions == null ? undefined : line`  With: ${permissionText(additionalPermissions)}`,
    because(reason)
  )

const changeText = ({ changes, grantRoot, reason }: FileChangeApproval): string =>
  lines(
    "May codex change these files?",
    ...(changes ?? []).flatMap(({ diff, kind, path }) => [
      kind.type === "update" && kind.move_path != null
        ? line`  move ${path} to ${kind.move_path}`
        : line`  ${kind.type === "$unknown" ? "change" : kind.type} ${path}`,
      indented(diff)
    ]),
    changes === undefined ? "  (which ones is not known here)" : undefined,
    grantRoot == null ? undefined : line`  And, for this session, everything in: ${grantRoot}`,
    because(reason)
  )

const permissionsText = ({ cwd, permissions, reason }: PermissionsApproval): string =>
  lines(
    "May codex have these permissions?",
    indented(permissionText(permissions)),
    line`  In: ${cwd}`,
    because(reason)
  )

/** Everything that is asked for, since everything is granted: also what this version does not know. */
const permissionText = (
  { fileSystem, network, ...others }: PermissionsApproval["permissions"]
): string => {
  const { entries, globScanMaxDepth: _, read, write, ...otherFiles } = fileSystem ?? {}
  const { enabled, ...otherNetwork } = network ?? {}
  const unknown = { ...others, ...otherFiles, ...otherNetwork }
  return Array.from(
    new Set([
      ...(enabled === true ? ["the network"] : []),
      ...(entries ?? []).map(({ access, path }) =>
        line`${access} ${path.type === "path" ? path.path : JSON.stringify(path)}`
      ),
      ...(read ?? []).map((path) => line`read ${path}`),
      ...(write ?? []).map((path) => line`write ${path}`),
      ...(Object.keys(unknown).length === 0 ? [] : [JSON.stringify(unknown)])
    ])
  ).join(", ")
}

// questions to the user

const askUser = Effect.fnUntraced(function*({ ask, say }: Prompter, { questions }: UserInput) {
  const answers: { [id: string]: string } = {}
  for (const { header, id, isOther, isSecret, options, question } of questions) {
    yield* say(lines(
      line`${header}: ${question}`,
      ...(options ?? []).map(({ description, label }, i) => line`  ${`${i + 1}`}. ${label}: ${description}`),
      options == null || options.length === 0
        ? undefined
        : isOther === true
        ? "A number, or words of your own."
        : "A number."
    ))
    const free = isOther === true || options == null || options.length === 0
    const said = yield* ask("> ", { secret: isSecret }).pipe(
      Effect.map((line) => options?.[Number(line.trim()) - 1]?.label ?? (free ? line : "")),
      // A choice has to be one of the options; other questions can be left open by an empty line.
      Effect.repeat({ until: (said) => free || said !== "" })
    )
    if (said !== "") {
      answers[id] = said
    }
  }
  return answers
})

// elicitations

type Elicit = (prompter: Prompter) => Effect.Effect<Elicitation.Answer, PlatformError | Quit>

/** How to ask, or `undefined` for what this cannot be asked here. */
const elicit = (request: ElicitationRequest): Elicit | undefined => {
  if (request.mode === "$unknown") {
    return undefined
  }
  const { approval, serverName } = request
  if (approval !== undefined) {
    return ({ choose, say }) =>
      Effect.zipRight(
        say(lines(
          line`May codex call a tool of the MCP server ${serverName}?`,
          "message" in request ? indented(request.message) : undefined,
          approval.description === undefined ? undefined : line`  ${approval.description}`,
          indented(JSON.stringify(approval.arguments, undefined, 2) ?? "")
        )),
        choose<Elicitation.Answer>([
          ["accept", Elicitation.accept()],
          ...(approval.persist.includes("session")
            ? [["accept for this session", Elicitation.acceptForSession] as const]
            : []),
          ...(approval.persist.includes("always") ? [["accept from now on", Elicitation.acceptAlways] as const] : []),
          ["decline", Elicitation.decline]
        ])
      )
  }
  if (request.mode === "url") {
    return ({ choose, say }) =>
      Effect.zipRight(
        say(lines(line`The MCP server ${serverName}:`, indented(request.message), line`  Visit ${request.url}`)),
        choose<Elicitation.Answer>([["done", Elicitation.accept()], ["decline", Elicitation.decline]])
      )
  }
  const fields = Elicitation.fields(request)
  return fields === undefined || !("message" in request) ? undefined : (prompter) =>
    Effect.zipRight(
      prompter.say(lines(line`The MCP server ${serverName}:`, indented(request.message))),
      Effect.flatten(prompter.choose<ReturnType<Elicit>>([
        ["answer", Effect.map(fillIn(prompter, fields), Elicitation.accept)],
        ["decline", Effect.succeed(Elicitation.decline)]
      ]))
    )
}

const fillIn = Effect.fnUntraced(function*(prompter: Prompter, fields: ReadonlyArray<Elicitation.Field>) {
  const content: { [name: string]: unknown } = {}
  for (const field of fields) {
    const { description, multiple, name, options, required, title } = field
    yield* prompter.say(lines(
      line`${title}${required ? "" : " (optional)"}${description === undefined ? "" : `: ${description}`}`,
      ...(options ?? []).map(({ title }) => line`  - ${title}`),
      multiple ? "Several, with commas in between." : undefined,
      field.default === undefined ? undefined : line`Nothing for: ${String(field.default)}`
    ))
    const value = yield* askField(prompter, field)
    if (Option.isSome(value)) {
      content[name] = value.value
    }
  }
  return content
})

/** What is typed, once it fits the field; an empty line leaves a field out that can be. */
const askField = (
  prompter: Prompter,
  field: Elicitation.Field
): Effect.Effect<Option.Option<unknown>, PlatformError | Quit> =>
  Effect.flatMap(prompter.ask("> "), (line) =>
    line === "" && (field.default !== undefined || !field.required)
      ? Effect.succeedNone
      : Either.match(Schema.decodeEither(field.text)(line), {
        onLeft: (error) => Effect.zipRight(prompter.say(problemsOf(error)), askField(prompter, field)),
        onRight: Effect.succeedSome
      }))
