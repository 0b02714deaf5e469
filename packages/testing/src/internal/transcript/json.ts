/** @internal */
export interface Json {
  readonly [member: string]: unknown
}

/** @internal */
export const isObject = (u: unknown): u is Json => typeof u === "object" && u !== null && !Array.isArray(u)

/**
 * The message that a text is, `undefined` where it is none.
 *
 * @internal
 */
export const parse = (text: string): Json | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** @internal */
export const methodOf = (message: unknown): string | undefined =>
  isObject(message) && typeof message["method"] === "string" ? message["method"] : undefined

/**
 * Whether it is the answer to a request.
 *
 * @internal
 */
export const isAnswer = (message: unknown): message is Json =>
  isObject(message) && message["method"] === undefined && "id" in message

/**
 * A value with each of its strings replaced; `member` is the name it stands under.
 *
 * @internal
 */
export const mapStrings = (
  value: unknown,
  replace: (text: string, member: string, holder: Json | undefined) => string,
  member = "",
  holder?: Json
): unknown => {
  if (typeof value === "string") {
    return replace(value, member, holder)
  }
  if (Array.isArray(value)) {
    return value.map((element) => mapStrings(element, replace, member, holder))
  }
  if (!isObject(value)) {
    return value
  }
  const mapped: Record<string, unknown> = {}
  for (const [name, inner] of Object.entries(value)) {
    mapped[replace(name, "", undefined)] = mapStrings(inner, replace, name, value)
  }
  return mapped
}
