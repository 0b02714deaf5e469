/** One turn, with its times in milliseconds; what nobody knows of it is `undefined`. */
export interface Row {
  readonly turn: string
  readonly status: string
  readonly items: number
  readonly tokens: number | undefined
  readonly firstDelta: number | undefined
  readonly duration: number | undefined
}

const heads = ["turn", "status", "items", "tokens", "first delta", "duration"]

const number = (value: number | undefined): string => value === undefined ? "-" : String(value)
const millis = (value: number | undefined): string => value === undefined ? "-" : `${value} ms`

const cells = (row: Row): ReadonlyArray<string> => [
  row.turn,
  row.status,
  number(row.items),
  number(row.tokens),
  millis(row.firstDelta),
  millis(row.duration)
]

/** Words to the left, figures to the right. */
export const render = (rows: ReadonlyArray<Row>): string => {
  const lines = [heads, ...rows.map(cells)]
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const renderLine = (line: ReadonlyArray<string>) =>
    line.map((cell, column) => column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))
      .join("  ")
  const [head = "", ...body] = lines.map(renderLine)
  return [head, widths.map((width) => "-".repeat(width)).join("  "), ...body].join("\n")
}
