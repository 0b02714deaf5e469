import { isObject, methodOf } from "./json.js"

/** @internal */
export interface Difference {
  readonly member: string
  readonly expected: unknown
  readonly sent: unknown
}

/** @internal */
export const placeholder = "[redacted]"

/** What was taken out of the recorded text may have been anything. */
const sameText = (expected: string, sent: string): boolean => {
  if (expected === sent) {
    return true
  }
  const [first = "", ...rest] = expected.split(placeholder)
  const last = rest.pop()
  if (last === undefined || !sent.startsWith(first)) {
    return false
  }
  let from = first.length
  for (const part of rest) {
    const at = sent.indexOf(part, from)
    if (at < 0) {
      return false
    }
    from = at + part.length
  }
  return sent.length - last.length >= from && sent.endsWith(last)
}

const join = (member: string, name: string): string =>
  member === "" ? name : /^[\w$]+$/.test(name) ? `${member}.${name}` : `${member}[${JSON.stringify(name)}]`

/**
 * Where what was sent differs from what was recorded, member by member.
 *
 * @internal
 */
export const differences = (expected: unknown, sent: unknown, member = ""): ReadonlyArray<Difference> => {
  if (typeof expected === "string" && typeof sent === "string") {
    return sameText(expected, sent) ? [] : [{ member, expected, sent }]
  }
  if (Array.isArray(expected) && Array.isArray(sent)) {
    return Array.from({ length: Math.max(expected.length, sent.length) }, (_, index) => index).flatMap((index) =>
      differences(expected[index], sent[index], `${member}[${index}]`)
    )
  }
  if (isObject(expected) && isObject(sent)) {
    return Array.from(new Set([...Object.keys(expected), ...Object.keys(sent)])).flatMap((name) =>
      differences(expected[name], sent[name], join(member, name))
    )
  }
  return Object.is(expected, sent) ? [] : [{ member, expected, sent }]
}

const shown = 200

/**
 * A message in a line, for people.
 *
 * @internal
 */
export const describe = (message: unknown, withParams = true): string => {
  if (!isObject(message)) {
    return JSON.stringify(message)
  }
  const method = methodOf(message)
  const name = method ?? `the answer to question ${JSON.stringify(message["id"])}`
  const body = method === undefined ? message["result"] ?? message["error"] : message["params"]
  if (!withParams || body === undefined) {
    return name
  }
  const text = JSON.stringify(body)
  return `${name} ${text.length > shown ? `${text.slice(0, shown)}…` : text}`
}
