import type * as Sdk from "@effect-codex/sdk/TurnEvent"
import type { Undecodable } from "../TurnEvent.js"

/**
 * An event as this package has it: what does not fit is said in words.
 *
 * @internal
 */
export const toPublic = <E extends { readonly _tag: string }>(event: E): Exclude<E, Sdk.Undecodable> | Undecodable =>
  // The compiler does not take a member out of a type parameter.
  isUndecodable(event) ? { ...event, issue: event.issue.message } : event as Exclude<E, Sdk.Undecodable>

const isUndecodable = (event: { readonly _tag: string }): event is Sdk.Undecodable => event._tag === "Undecodable"
