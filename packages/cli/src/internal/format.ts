/**
 * Colours and the like, or none of them.
 *
 * @internal
 */
export interface Style {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly cyan: (text: string) => string
}

const sgr = (on: number, off: number) => (text: string) => text === "" ? "" : `\u001b[${on}m${text}\u001b[${off}m`

const colored: Style = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  red: sgr(31, 39),
  green: sgr(32, 39),
  yellow: sgr(33, 39),
  cyan: sgr(36, 39)
}

const same = (text: string) => text

/** @internal */
export const plain: Style = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same }

/**
 * Colours where a person looks, unless `NO_COLOR` or the terminal says otherwise.
 *
 * @internal
 */
export const styleOf = (isTTY: boolean, env: Readonly<Record<string, string | undefined>>): Style =>
  isTTY && (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb" ? colored : plain

/**
 * Text of others, which a terminal must not take for instructions; line ends and tabs stay.
 *
 * @internal
 */
export const printable = (text: string): string =>
  text.replace(unprintable, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`)

const unprintable = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

/**
 * The same in one line.
 *
 * @internal
 */
export const oneLine = (text: string): string => printable(text.trim().replace(/\s+/gu, " "))

const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u
const zeroWidth = /\p{Mn}|\p{Me}|\p{Cf}/u

const widthOf = (character: string): number => zeroWidth.test(character) ? 0 : wide.test(character) ? 2 : 1

/**
 * How many columns it takes.
 *
 * @internal
 */
export const width = (text: string): number => Array.from(text).reduce((sum, character) => sum + widthOf(character), 0)

/**
 * As much of the beginning as fits into the columns.
 *
 * @internal
 */
export const fit = (text: string, columns: number): string => {
  if (width(text) <= columns) {
    return text
  }
  let kept = ""
  let used = 1
  for (const character of text) {
    used += widthOf(character)
    if (used > columns) {
      break
    }
    kept += character
  }
  return columns < 1 ? "" : `${kept.trimEnd()}…`
}

/**
 * As much of the end as fits into the columns.
 *
 * @internal
 */
export const fitEnd = (text: string, columns: number): string => {
  if (width(text) <= columns) {
    return text
  }
  let kept = ""
  let used = 1
  for (const character of Array.from(text).reverse()) {
    used += widthOf(character)
    if (used > columns) {
      break
    }
    kept = character + kept
  }
  return columns < 1 ? "" : `…${kept}`
}

/**
 * `0.4 s`, `12 s`, `3 min 20 s`, `2 h 05 min`.
 *
 * @internal
 */
export const duration = (millis: number): string => {
  if (millis < 9950) {
    return `${(Math.max(millis, 0) / 1000).toFixed(1)} s`
  }
  const seconds = Math.round(millis / 1000)
  if (seconds < 60) {
    return `${seconds} s`
  }
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes} min ${String(seconds % 60).padStart(2, "0")} s`
    : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`
}

/** @internal */
export const count = (n: number, what: string): string =>
  `${String(n).replace(/\B(?=(\d{3})+$)/g, ",")} ${what}${n === 1 ? "" : "s"}`

/**
 * How long ago, roughly, as lists show it.
 *
 * @internal
 */
export const ago = (seconds: number): string => {
  const units: ReadonlyArray<readonly [number, string]> = [[86_400, "d"], [3600, "h"], [60, "min"]]
  const unit = units.find(([size]) => seconds >= size)
  return unit === undefined ? "just now" : `${Math.floor(seconds / unit[0])} ${unit[1]} ago`
}

/**
 * Columns under their titles; the last one takes what is left of the line.
 *
 * @internal
 */
export const table = (
  titles: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  style: Style,
  columns: number
): string => {
  const widths = titles.map((title, i) => Math.max(width(title), ...rows.map((row) => width(row[i] ?? ""))))
  const line = (cells: ReadonlyArray<string>) =>
    fit(
      cells.map((cell, i) => i === cells.length - 1 ? cell : cell + " ".repeat((widths[i] ?? 0) - width(cell))).join(
        "  "
      ).trimEnd(),
      columns
    )
  return [style.bold(line(titles)), ...rows.map(line)].join("\n") + "\n"
}
