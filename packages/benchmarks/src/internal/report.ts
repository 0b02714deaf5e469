/** The tables of a run. */
import type { Case, Figure, Goal } from "./figure.js"
import { measured, met } from "./figure.js"
import type { Summary } from "./measure.js"

const number = (value: number): string =>
  Number.isNaN(value)
    ? "none"
    : Math.abs(value) >= 1_000
    ? Math.round(value).toLocaleString("en-US")
    : String(Number(value.toPrecision(3)))

const spread = ({ max, median, min }: Summary) =>
  min === max || Number.isNaN(median) ? number(median) : `${number(median)} (${number(min)} to ${number(max)})`

const goalOf = ({ at, bound, of }: Goal, unit: string) =>
  `${at === "least" ? ">=" : "<="} ${number(bound)}${of === "ratio" ? " x" : ` ${unit}`}`

const shown = (figure: Figure): Summary | undefined =>
  figure.goal?.of === "difference" ? figure.difference : figure.ratio

/** By how much the goal is passed or missed: in its unit where it bounds a difference, else in percent of it. */
const margin = (figure: Figure): string => {
  const is = measured(figure)
  const { goal, unit } = figure
  if (goal === undefined || is === undefined) {
    return ""
  }
  const by = goal.at === "least" ? is - goal.bound : goal.bound - is
  const amount = goal.of === "difference"
    ? `${number(Math.abs(by))} ${unit}`
    : `${Math.round(Math.abs(by) / goal.bound * 100)} %`
  return by < 0 ? `missed by ${amount}` : `met, ${amount} to spare`
}

const row = (figure: Figure): ReadonlyArray<string> => {
  const { baseline, goal, unit, value, what } = figure
  const ratio = shown(figure)
  return [
    what,
    `${spread(value)} ${unit}`.trimEnd(),
    baseline === undefined ? "" : `${number(baseline.value.median)} ${unit}, ${baseline.what}`,
    ratio === undefined ? "" : spread(ratio) + (goal?.of === "difference" ? ` ${unit} more` : " x"),
    goal === undefined ? "" : goalOf(goal, unit),
    margin(figure)
  ]
}

const head = ["what", "here", "baseline", "ratio", "goal", "met"]

const cells = (row: ReadonlyArray<string>) => `| ${row.join(" | ")} |`

/** A table in Markdown, its columns as wide as they need to be on a terminal. */
const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)))
  const pad = (row: ReadonlyArray<string>) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0))
  return [
    cells(pad(head)),
    `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`,
    ...rows.map((row) => cells(pad(row)))
  ].join("\n")
}

export const section = ({ about, name }: Case, figures: ReadonlyArray<Figure>): string =>
  [`### ${name}`, "", about, "", table(figures.map(row))].join("\n")

/** The object of `--json`. */
export const json = (figures: ReadonlyArray<Figure>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(figures.map((figure) => [figure.name, {
    value: figure.value.median,
    unit: figure.unit,
    baseline: figure.baseline?.value.median ?? null,
    ratio: figure.ratio?.median ?? null,
    goal: figure.goal === undefined ? null : goalOf(figure.goal, figure.unit),
    met: met(figure) ?? null
  }]))
