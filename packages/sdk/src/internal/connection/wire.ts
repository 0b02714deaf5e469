/**
 * Writes a frame. `JSON.stringify` leaves out `undefined` members and keeps `null`; it writes a lone surrogate as an
 * escape, which the server rejects without an answer, so where one stands every string is made well-formed first.
 *
 * @internal
 */
export const stringify = (message: unknown): string => {
  const text = JSON.stringify(message)
  return loneSurrogate.test(text) ? JSON.stringify(wellFormed(message)) : text
}

const loneSurrogate = /\\ud[89a-f][0-9a-f]{2}/

const unpaired = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const wellFormed = (value: unknown): unknown => {
  if (typeof value === "string") {
    return value.replace(unpaired, "\ufffd")
  }
  if (Array.isArray(value)) {
    return value.map(wellFormed)
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, member]) => [wellFormed(key), wellFormed(member)]))
    : value
}
