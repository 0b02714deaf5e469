/** The tool that the turns of a soak call. */
export const toolName = "pause"

export interface Length {
  readonly words: number
  /** Between two words, in milliseconds. */
  readonly delay: number
}

/** What the scripted model is told to do. */
export const say = {
  words: ({ delay, words }: Length) => `words ${words} ${delay}`,
  failure: ({ delay, words }: Length) => `fail ${words} ${delay}`,
  toolCall: (milliseconds: number) => `tool 1 ${milliseconds}`
}
