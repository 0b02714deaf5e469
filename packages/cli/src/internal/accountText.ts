import type * as Server from "@effect-codex/protocol/Server"
import * as Format from "./format.js"

/**
 * Who is logged in.
 *
 * @internal
 */
export const describe = (account: Server.Account): string => {
  switch (account.type) {
    case "apiKey":
      return "logged in with an API key"
    case "chatgpt":
      return Format.oneLine(`logged in to ChatGPT as ${account.email ?? "somebody"} (${account.planType})`)
    case "amazonBedrock":
      return "logged in to Amazon Bedrock"
    case "gcp":
      return "logged in to Google Cloud"
    case "$unknown":
      return "logged in in a way that is not known here"
  }
}

/**
 * What is used up of a rate limit.
 *
 * @internal
 */
export const describeLimit = (
  { resetsAt, usedPercent, windowDurationMins }: Server.RateLimitWindow,
  now: number
): string => {
  const window = windowDurationMins == null ? "" : ` of ${Format.duration(windowDurationMins * 60_000)}`
  const left = resetsAt == null ? undefined : resetsAt * 1000 - now
  return `${Math.round(usedPercent)} %${window} is used up${
    left === undefined || left <= 0 ? "" : `, for another ${Format.duration(left)}`
  }`
}
