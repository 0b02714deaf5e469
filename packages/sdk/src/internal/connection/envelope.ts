/**
 * What a frame is, told by hand-written checks that cannot fail: a frame that is nothing known is `Noise`.
 *
 * @internal
 */
export type Envelope =
  | { readonly _tag: "Notification"; readonly method: string; readonly params: unknown }
  | { readonly _tag: "Response"; readonly id: unknown; readonly result: unknown }
  | { readonly _tag: "ErrorResponse"; readonly id: unknown; readonly error: WireError }
  | { readonly _tag: "Request"; readonly id: RequestId; readonly method: string; readonly params: unknown }
  | { readonly _tag: "Noise"; readonly problem: string }

/** @internal */
export type RequestId = string | number

/** @internal */
export interface WireError {
  readonly code: number
  readonly message: string
  readonly data: unknown
}

/** @internal */
export const isRecord = (u: unknown): u is { readonly [key: string]: unknown } => typeof u === "object" && u !== null

const noise = (problem: string): Envelope => ({ _tag: "Noise", problem })

const wireError = (u: unknown): WireError =>
  isRecord(u)
    ? {
      code: typeof u["code"] === "number" ? u["code"] : 0,
      message: typeof u["message"] === "string" ? u["message"] : JSON.stringify(u),
      data: u["data"]
    }
    : { code: 0, message: String(u), data: undefined }

/** @internal */
export const parse = (frame: string): Envelope => {
  let message: unknown
  try {
    message = JSON.parse(frame)
  } catch {
    return noise("not JSON")
  }
  if (!isRecord(message)) {
    return noise("not a JSON object")
  }
  const id = message["id"]
  if (typeof message["method"] === "string") {
    if (id === undefined) {
      return { _tag: "Notification", method: message["method"], params: message["params"] }
    }
    return typeof id === "number" || typeof id === "string"
      ? { _tag: "Request", id, method: message["method"], params: message["params"] }
      : noise("a request whose id is neither a number nor a string")
  }
  if (id === undefined) {
    return noise("neither a method nor an id")
  }
  return "error" in message && message["error"] != null
    ? { _tag: "ErrorResponse", id, error: wireError(message["error"]) }
    : { _tag: "Response", id, result: message["result"] }
}

/**
 * Reads the string that stands at `path`, or `undefined` where there is none.
 *
 * @internal
 */
export const stringAt = (params: unknown, path: ReadonlyArray<string> | undefined): string | undefined => {
  if (path === undefined) {
    return undefined
  }
  let value = params
  for (let i = 0; i < path.length; i++) {
    const key = path[i]
    if (key === undefined || !isRecord(value)) {
      return undefined
    }
    value = value[key]
  }
  return typeof value === "string" ? value : undefined
}
