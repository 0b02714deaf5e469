import type { ThreadTokenUsage, TokenUsageBreakdown } from "@effect-codex/protocol/Server"

/**
 * What a thread has used between two reports of it. The server repeats reports, under the id of the next turn too, and
 * reports its own estimates as `last`; so what counts is how far the totals have moved, and `last` only where there is
 * nothing to compare with: at the first report, and where the server has set its totals back.
 *
 * @internal
 */
export const since = (
  { last, total }: ThreadTokenUsage,
  before: TokenUsageBreakdown | undefined
): TokenUsageBreakdown => {
  const moved = (count: (usage: TokenUsageBreakdown) => number): number =>
    before === undefined || count(total) < count(before) ? count(last) : count(total) - count(before)
  return sum({
    inputTokens: moved(({ inputTokens }) => inputTokens),
    cachedInputTokens: moved(({ cachedInputTokens }) => cachedInputTokens),
    cacheWriteInputTokens: moved(({ cacheWriteInputTokens }) => cacheWriteInputTokens ?? 0),
    outputTokens: moved(({ outputTokens }) => outputTokens),
    reasoningOutputTokens: moved(({ reasoningOutputTokens }) => reasoningOutputTokens)
  })
}

/** @internal */
export const add = (a: TokenUsageBreakdown | null, b: TokenUsageBreakdown): TokenUsageBreakdown =>
  a === null ? b : sum({
    inputTokens: a.inputTokens + b.inputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    cacheWriteInputTokens: (a.cacheWriteInputTokens ?? 0) + (b.cacheWriteInputTokens ?? 0),
    outputTokens: a.outputTokens + b.outputTokens,
    reasoningOutputTokens: a.reasoningOutputTokens + b.reasoningOutputTokens
  })

// The server's own `totalTokens` also stands for estimates of the context, which nobody has used.
const sum = (parts: Omit<Required<TokenUsageBreakdown>, "totalTokens">): TokenUsageBreakdown => ({
  ...parts,
  totalTokens: parts.inputTokens + parts.outputTokens
})
