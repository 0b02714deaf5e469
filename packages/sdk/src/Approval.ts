/**
 * The decisions that answer an approval: what the server may do, and for how long.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import * as internal from "./internal/serverRequests/decisions.js"
import type { CommandApproval, FileChangeApproval, LegacyApproval, PermissionsApproval } from "./ServerRequests.js"

/**
 * This once. Of permissions: for the rest of the turn.
 *
 * @since 0.1.0
 * @category models
 */
export interface Accept {
  readonly _tag: "Accept"
}

/**
 * From now on, as long as the server has the thread loaded.
 *
 * @since 0.1.0
 * @category models
 */
export interface AcceptForSession {
  readonly _tag: "AcceptForSession"
}

/**
 * This once, and commands that begin like this without asking from now on. The server keeps the rule in its home, so
 * that it holds for other threads and later runs as well.
 *
 * @since 0.1.0
 * @category models
 */
export interface AcceptWithExecPolicyAmendment {
  readonly _tag: "AcceptWithExecPolicyAmendment"
  /** The words that such a command begins with. */
  readonly amendment: ReadonlyArray<string>
}

/**
 * A rule for a host, by which this command and later ones are judged.
 *
 * @since 0.1.0
 * @category models
 */
export interface ApplyNetworkPolicyAmendment {
  readonly _tag: "ApplyNetworkPolicyAmendment"
  readonly amendment: Client.NetworkPolicyAmendment
}

/**
 * A part of the permissions that were asked for.
 *
 * @since 0.1.0
 * @category models
 */
export interface Grant {
  readonly _tag: "Grant"
  readonly permissions: Client.GrantedPermissionProfile
  readonly scope: Client.PermissionGrantScope
  /** Whether every further command of the turn is reviewed before it runs. */
  readonly strictAutoReview: boolean
}

/**
 * No; the turn goes on without it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Decline {
  readonly _tag: "Decline"
}

/**
 * No, and the turn is interrupted.
 *
 * @since 0.1.0
 * @category models
 */
export interface Cancel {
  readonly _tag: "Cancel"
}

/**
 * What can be decided about a command.
 *
 * @since 0.1.0
 * @category models
 */
export type CommandDecision =
  | Accept
  | AcceptForSession
  | AcceptWithExecPolicyAmendment
  | ApplyNetworkPolicyAmendment
  | Decline
  | Cancel

/**
 * What can be decided about a change of files.
 *
 * @since 0.1.0
 * @category models
 */
export type FileChangeDecision = Accept | AcceptForSession | Decline | Cancel

/**
 * What can be decided about permissions: all that were asked for, a part of them, or none.
 *
 * @since 0.1.0
 * @category models
 */
export type PermissionsDecision = Accept | AcceptForSession | Grant | Decline

/**
 * @since 0.1.0
 * @category models
 */
export type Decision = CommandDecision | FileChangeDecision | PermissionsDecision

/**
 * @since 0.1.0
 * @category constructors
 */
export const accept: Accept = internal.accept

/**
 * @since 0.1.0
 * @category constructors
 */
export const acceptForSession: AcceptForSession = internal.acceptForSession

/**
 * The amendment is one that the approval proposes, in `proposedExecpolicyAmendment`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const acceptWithExecPolicyAmendment = (amendment: ReadonlyArray<string>): AcceptWithExecPolicyAmendment => ({
  _tag: "AcceptWithExecPolicyAmendment",
  amendment
})

/**
 * The amendment is one that the approval proposes, in `proposedNetworkPolicyAmendments`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const applyNetworkPolicyAmendment = (
  amendment: Client.NetworkPolicyAmendment
): ApplyNetworkPolicyAmendment => ({ _tag: "ApplyNetworkPolicyAmendment", amendment })

/**
 * Grants a part of what was asked for, for the rest of the turn unless `scope` says otherwise.
 *
 * @since 0.1.0
 * @category constructors
 */
export const grant = (
  permissions: Client.GrantedPermissionProfile,
  options?: { readonly scope?: Client.PermissionGrantScope; readonly strictAutoReview?: boolean }
): Grant => ({
  _tag: "Grant",
  permissions,
  scope: options?.scope ?? "turn",
  strictAutoReview: options?.strictAutoReview ?? false
})

/**
 * @since 0.1.0
 * @category constructors
 */
export const decline: Decline = internal.decline

/**
 * @since 0.1.0
 * @category constructors
 */
export const cancel: Cancel = internal.cancel

/**
 * Whether an approval can be answered so. Declining always can; what grants something has to be among what the
 * approval allows, and nothing beyond what was asked for.
 *
 * @since 0.1.0
 * @category guards
 */
export const isAllowed: (
  approval: CommandApproval | FileChangeApproval | PermissionsApproval | LegacyApproval,
  decision: Decision
) => boolean = internal.isAllowed
