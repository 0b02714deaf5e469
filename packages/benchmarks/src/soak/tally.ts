import * as Cause from "effect/Cause"
import * as Predicate from "effect/Predicate"
import type { Outcome } from "./turns.js"

/** How the turns of a soak ended so far. */
export class Tally {
  readonly outcomes = new Map<Outcome, number>()
  readonly unexpected = new Map<string, number>()
  hung = 0

  ended(outcome: Outcome): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1)
  }

  wentWrong(cause: Cause.Cause<unknown>): void {
    const error = Cause.squash(cause)
    const what = Predicate.hasProperty(error, "message") ? String(error.message) : Cause.pretty(cause)
    // Ids and numbers would make each a kind of its own.
    const kind = what.replace(/[0-9a-f]{4,}(-[0-9a-f]+)*|\d+/g, "…").slice(0, 200)
    this.unexpected.set(kind, (this.unexpected.get(kind) ?? 0) + 1)
  }

  get turns(): number {
    return Array.from(this.outcomes.values()).reduce((sum, count) => sum + count, 0)
  }
}
