import type { ConfigValue } from "../ScriptedModel.js"

type Table = { readonly [key: string]: ConfigValue }

const isArray = (value: ConfigValue): value is ReadonlyArray<ConfigValue> => Array.isArray(value)

const isTable = (value: ConfigValue | undefined): value is Table =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const merge = (base: Table, overrides: Table): Table => {
  const merged: Record<string, ConfigValue> = { ...base }
  for (const [key, value] of Object.entries(overrides)) {
    const current = merged[key]
    merged[key] = isTable(value) && isTable(current) ? merge(current, value) : value
  }
  return merged
}

// TOML's basic strings are JSON's, but for DEL, which TOML wants escaped.
const renderString = (value: string): string => JSON.stringify(value).replaceAll("\u007f", "\\u007f")

const renderKey = (key: string): string => /^[A-Za-z0-9_-]+$/.test(key) ? key : renderString(key)

const renderValue = (value: ConfigValue): string => {
  if (isArray(value)) {
    return `[${value.map(renderValue).join(", ")}]`
  }
  if (isTable(value)) {
    return `{ ${
      Object.entries(value).map(([key, member]) => `${renderKey(key)} = ${renderValue(member)}`).join(", ")
    } }`
  }
  return typeof value === "string" ? renderString(value) : String(value)
}

// Dotted keys keep every line independent of the table header above it.
const renderLines = (table: Table, prefix: string): ReadonlyArray<string> =>
  Object.entries(table).flatMap(([key, value]) =>
    isTable(value)
      ? renderLines(value, `${prefix}${renderKey(key)}.`)
      : [`${prefix}${renderKey(key)} = ${renderValue(value)}\n`]
  )

/** @internal */
export const codexConfig = (options: {
  readonly baseUrl: string
  readonly overrides?: Table | undefined
}): string => {
  const base: Table = {
    model: "scripted-model",
    model_provider: "scripted",
    model_providers: {
      scripted: {
        name: "scripted",
        base_url: options.baseUrl,
        wire_api: "responses",
        request_max_retries: 0,
        stream_max_retries: 0
      }
    },
    // Plugins are looked up on public hosts; the snapshot runs a login shell that a short test has no use for.
    features: { plugins: false, shell_snapshot: false }
  }
  return renderLines(merge(base, options.overrides ?? {}), "").join("")
}
