/** What a case finds, as it is reported. */
import type * as Effect from "effect/Effect"
import { type ProbeFailed, ratios, type Sample, series, type Summary, summary } from "./measure.js"

/** A bound on the ratio to the baseline, or on the difference to it, or on the value itself. */
export interface Goal {
  readonly of: "ratio" | "difference" | "value"
  readonly at: "least" | "most"
  readonly bound: number
}

export interface Figure {
  readonly name: string
  readonly what: string
  readonly unit: string
  readonly value: Summary
  readonly baseline?: { readonly what: string; readonly value: Summary }
  /** To the baseline, of each round. */
  readonly ratio?: Summary
  readonly difference?: Summary
  /** Without one it is there to compare with. */
  readonly goal?: Goal
}

/** How much is measured: everything, or little enough for a look. */
export type Size = "full" | "quick"

export interface Case {
  readonly name: string
  /** What is measured and how, in a sentence or two of `docs/performance.md`. */
  readonly about: string
  readonly run: (size: Size) => Effect.Effect<ReadonlyArray<Figure>, ProbeFailed>
}

/** The figure of one number of the samples, against the same of a baseline. */
export const compared = (
  options: Pick<Figure, "name" | "what" | "unit" | "goal"> & {
    readonly key: string
    readonly of: ReadonlyArray<Sample>
    readonly against: { readonly what: string; readonly samples: ReadonlyArray<Sample> }
  }
): Figure => {
  const { against, key, of, ...rest } = options
  const values = series(of, key)
  const base = series(against.samples, key)
  return against.samples.length === 0 ? { ...rest, value: summary(values) } : {
    ...rest,
    value: summary(values),
    baseline: { what: against.what, value: summary(base) },
    ratio: summary(ratios(values, base)),
    difference: summary(values.map((value, i) => value - (base[i] ?? NaN)))
  }
}

/** The figure of one number of the samples, against another one of the same samples. */
export const against = (
  options: Pick<Figure, "name" | "what" | "unit" | "goal"> & {
    readonly key: string
    readonly of: ReadonlyArray<Sample>
    readonly baseline: { readonly what: string; readonly key: string }
  }
): Figure => {
  const { baseline, ...rest } = options
  const samples = rest.of.map((sample) => ({ [rest.key]: sample[baseline.key] ?? NaN }))
  return compared({ ...rest, against: { what: baseline.what, samples } })
}

/** The figure of one number of the samples, against nothing. */
export const alone = (
  { key, of, ...rest }: Pick<Figure, "name" | "what" | "unit" | "goal"> & {
    readonly key: string
    readonly of: ReadonlyArray<Sample>
  }
): Figure => ({ ...rest, value: summary(series(of, key)) })

/** What could not be measured, and why. */
export const missing = (name: string, what: string, problem: string): Figure => ({
  name,
  what: `${what}: not measured, ${problem}`,
  unit: "",
  value: summary([NaN])
})

export const isMissing = ({ value }: Figure): boolean => Number.isNaN(value.median)

/** What the goal is about. */
export const measured = ({ difference, goal, ratio, value }: Figure): number | undefined =>
  goal === undefined ? undefined : { ratio, difference, value }[goal.of]?.median

export const met = (figure: Figure): boolean | undefined => {
  const { goal } = figure
  const is = measured(figure)
  return goal === undefined
    ? undefined
    : is !== undefined && (goal.at === "least" ? is >= goal.bound : is <= goal.bound)
}
