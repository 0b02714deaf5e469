import * as Client from "@effect-codex/protocol/Client"
import type * as Server from "@effect-codex/protocol/Server"
import * as Schema from "effect/Schema"
import type * as Approval from "../../Approval.js"
import type { CommandApproval, FileChangeApproval, LegacyApproval, PermissionsApproval } from "../../ServerRequests.js"

/** @internal */
export const accept: Approval.Accept = { _tag: "Accept" }

/** @internal */
export const acceptForSession: Approval.AcceptForSession = { _tag: "AcceptForSession" }

/** @internal */
export const decline: Approval.Decline = { _tag: "Decline" }

/** @internal */
export const cancel: Approval.Cancel = { _tag: "Cancel" }

/** @internal */
export const ofFileChange: ReadonlyArray<Approval.FileChangeDecision> = [accept, acceptForSession, decline, cancel]

/** @internal */
export const ofPermissions: ReadonlyArray<Approval.PermissionsDecision> = [accept, acceptForSession, decline]

/**
 * The decisions that a command's approval lists, or what its proposals allow where it lists none. Refusing is always
 * possible, whether it is listed or not. So is accepting a command for the session where a lasting rule for it is
 * listed, which would grant more: servers list only the rule, and take both.
 *
 * @internal
 */
export const ofCommand = (params: Server.CommandExecutionRequestApprovalParams): Array<Approval.CommandDecision> => {
  const granting = (params.availableDecisions?.flatMap(fromWire) ?? proposed(params)).filter(grants)
  const ruled = granting.some(({ _tag }) => _tag === "AcceptWithExecPolicyAmendment")
  const listed = granting.some(({ _tag }) => _tag === "AcceptForSession")
  return [
    ...granting.flatMap((decision) =>
      decision._tag === "Accept" && ruled && !listed ? [decision, acceptForSession] : [decision]
    ),
    decline,
    cancel
  ]
}

const grants = ({ _tag }: Approval.CommandDecision): boolean => _tag !== "Decline" && _tag !== "Cancel"

const proposed = (
  { kind, proposedExecpolicyAmendment, proposedNetworkPolicyAmendments }: Server.CommandExecutionRequestApprovalParams
): Array<Approval.CommandDecision> =>
  kind === "humanCommand" ? [accept] : [
    accept,
    acceptForSession,
    ...(proposedExecpolicyAmendment == null ? [] : [withExecPolicy(proposedExecpolicyAmendment)]),
    ...(proposedNetworkPolicyAmendments ?? []).flatMap(withNetworkPolicy)
  ]

const withExecPolicy = (amendment: ReadonlyArray<string>): Approval.AcceptWithExecPolicyAmendment => ({
  _tag: "AcceptWithExecPolicyAmendment",
  amendment
})

const withNetworkPolicy = (amendment: Server.NetworkPolicyAmendment): Array<Approval.CommandDecision> =>
  // What a newer server may have added cannot be sent back.
  Schema.is(Client.NetworkPolicyAmendment)(amendment) ? [{ _tag: "ApplyNetworkPolicyAmendment", amendment }] : []

const fromWire = (decision: Server.CommandExecutionApprovalDecision): Array<Approval.CommandDecision> => {
  if (typeof decision === "string") {
    switch (decision) {
      case "accept":
        return [accept]
      case "acceptForSession":
        return [acceptForSession]
      case "decline":
        return [decline]
      case "cancel":
        return [cancel]
      default:
        return []
    }
  }
  if ("acceptWithExecpolicyAmendment" in decision) {
    return [withExecPolicy(decision.acceptWithExecpolicyAmendment.execpolicy_amendment)]
  }
  return "applyNetworkPolicyAmendment" in decision
    ? withNetworkPolicy(decision.applyNetworkPolicyAmendment.network_policy_amendment)
    : []
}

/** @internal */
export const isAllowed = (
  approval: CommandApproval | FileChangeApproval | PermissionsApproval | LegacyApproval,
  decision: Approval.Decision
): boolean =>
  decision._tag === "Grant"
    ? approval._tag === "PermissionsApproval" && isPartOf(decision.permissions, approval.permissions)
    : approval.decisions.some((allowed) => isSame(allowed, decision))

const isSame = (a: Approval.Decision, b: Approval.Decision): boolean => {
  if (a._tag === "AcceptWithExecPolicyAmendment" && b._tag === a._tag) {
    return a.amendment.length === b.amendment.length && a.amendment.every((word, i) => word === b.amendment[i])
  }
  if (a._tag === "ApplyNetworkPolicyAmendment" && b._tag === a._tag) {
    return a.amendment.action === b.amendment.action && a.amendment.host === b.amendment.host
  }
  return a._tag === b._tag
}

/** Whether nothing is granted that was not asked for. */
const isPartOf = (granted: Client.GrantedPermissionProfile, asked: Server.RequestPermissionProfile): boolean => {
  const { fileSystem, network } = granted
  const files = asked.fileSystem
  return (network?.enabled !== true || asked.network?.enabled === true) &&
    contains(files?.read, fileSystem?.read) &&
    contains(files?.write, fileSystem?.write) &&
    contains(files?.entries, fileSystem?.entries) &&
    (fileSystem?.globScanMaxDepth ?? 0) <= (files?.globScanMaxDepth ?? Number.POSITIVE_INFINITY)
}

const contains = (
  all: ReadonlyArray<unknown> | null | undefined,
  some: ReadonlyArray<unknown> | null | undefined
): boolean => {
  const keys = new Set(all?.map((element) => JSON.stringify(sorted(element))))
  return some?.every((element) => keys.has(JSON.stringify(sorted(element)))) ?? true
}

/** The same value with the keys of its objects in one order, so that equal ones are written alike. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) {
    return value.map(sorted)
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(
      Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, member]) => [key, sorted(member)])
    )
    : value
}

/** @internal */
export const commandToWire = (decision: Approval.CommandDecision): Client.CommandExecutionApprovalDecision => {
  switch (decision._tag) {
    case "AcceptWithExecPolicyAmendment":
      return { acceptWithExecpolicyAmendment: { execpolicy_amendment: decision.amendment } }
    case "ApplyNetworkPolicyAmendment":
      return { applyNetworkPolicyAmendment: { network_policy_amendment: decision.amendment } }
    default:
      return fileChangeToWire(decision)
  }
}

/** @internal */
export const fileChangeToWire = (decision: Approval.FileChangeDecision): Client.FileChangeApprovalDecision => {
  switch (decision._tag) {
    case "Accept":
      return "accept"
    case "AcceptForSession":
      return "acceptForSession"
    case "Decline":
      return "decline"
    case "Cancel":
      return "cancel"
  }
}

/** @internal */
export const legacyToWire = (decision: Approval.FileChangeDecision): Client.ReviewDecision => {
  switch (decision._tag) {
    case "Accept":
      return "approved"
    case "AcceptForSession":
      return "approved_for_session"
    case "Decline":
      return { denied: { rejection: "The user declined." } }
    case "Cancel":
      return "abort"
  }
}

/**
 * What was asked for is granted as it came, since a newer server may ask for more than this version knows.
 *
 * @internal
 */
export const permissionsToWire = (decision: Approval.PermissionsDecision, asked: unknown) => {
  switch (decision._tag) {
    case "Accept":
      return { permissions: asked, scope: "turn" }
    case "AcceptForSession":
      return { permissions: asked, scope: "session" }
    case "Grant": {
      const { permissions, scope, strictAutoReview } = decision
      return { permissions, scope, ...(strictAutoReview ? { strictAutoReview } : {}) }
    }
    case "Decline":
      return { permissions: {} }
  }
}
