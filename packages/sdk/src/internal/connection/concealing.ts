import * as Redacted from "effect/Redacted"
import { RequestFailed, UndecodableResult } from "../../CodexError.js"
import { isRecord } from "./envelope.js"

const placeholder = "[redacted]"

type Secrets = ReadonlyArray<Redacted.Redacted>

/** The longest first: where one is the beginning of another, the rest of the longer one must not stay behind. */
const valuesOf = (secrets: Secrets): ReadonlyArray<string> =>
  secrets.map(Redacted.value).filter((value) => value !== "").sort((a, b) => b.length - a.length)

const inText = (values: ReadonlyArray<string>, text: string): string =>
  values.reduce((rest, value) => rest.replaceAll(value, placeholder), text)

const inValue = (values: ReadonlyArray<string>, value: unknown): unknown => {
  if (typeof value === "string") {
    return inText(values, value)
  }
  if (Array.isArray(value)) {
    return value.map((element) => inValue(values, element))
  }
  return isRecord(value)
    ? Object.fromEntries(
      Object.entries(value).map(([name, member]) => [inText(values, name), inValue(values, member)])
    )
    : value
}

/**
 * Takes out of an error what the server repeats of the secrets that it was sent.
 *
 * @internal
 */
export const fromError = (secrets: Secrets = []) => <E>(error: E): E | RequestFailed | UndecodableResult => {
  const values = valuesOf(secrets)
  if (values.length === 0) {
    return error
  }
  if (error instanceof RequestFailed) {
    const { code, data, method, reason, serverMessage } = error
    return new RequestFailed({
      code,
      method,
      reason,
      serverMessage: inText(values, serverMessage),
      data: inValue(values, data)
    })
  }
  if (error instanceof UndecodableResult) {
    const { issue, method, result } = error
    return new UndecodableResult({ method, result: inValue(values, result), issue: inText(values, issue) })
  }
  return error
}
