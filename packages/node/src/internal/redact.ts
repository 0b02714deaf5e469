const secretName = /KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL/i

// A shorter value ("true", "1234") is no secret worth hiding and would tear holes into ordinary words.
const minSecretLength = 8

const placeholder = "[redacted]"

interface Known {
  /** Secret are the values of the variables whose names say so. */
  readonly environments?: ReadonlyArray<Readonly<Record<string, string | undefined>>>
  /** Secret whatever they look like. */
  readonly secrets?: ReadonlyArray<string>
}

const escape = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

// Text is redacted line by line, so a value of several lines (a PEM key) is known by each of them.
const linesOf = (value: string): Array<string> => value.split(/\r?\n/).map((line) => line.trim())

const secretValues = ({ environments = [], secrets = [] }: Known): Array<string> => {
  const values = new Set(secrets.flatMap(linesOf).filter((line) => line !== ""))
  for (const environment of environments) {
    for (const [name, value] of Object.entries(environment)) {
      if (value !== undefined && secretName.test(name)) {
        linesOf(value).filter((line) => line.length >= minSecretLength).forEach((line) => values.add(line))
      }
    }
  }
  // The longest first: where one secret is the prefix of another, the rest of the longer must not stay behind.
  return Array.from(values).sort((a, b) => b.length - a.length)
}

const replace = (values: ReadonlyArray<string>): (text: string) => string => {
  const known = values.length === 0 ? undefined : new RegExp(values.map(escape).join("|"), "g")
  return (text) => known === undefined ? text : text.replace(known, placeholder)
}

/**
 * Takes what is known to be secret out of a text, and leaves what merely looks like it.
 *
 * @internal
 */
export const known = (secrets: ReadonlyArray<string>): (text: string) => string => replace(secretValues({ secrets }))

/** So many of those that are learned are known; tokens that are refreshed replace each other. */
const maxLearned = 64

/**
 * What takes out of a text what it has been told, while it runs, to be secret.
 *
 * @internal
 */
export interface Learning {
  readonly learn: (secrets: ReadonlyArray<string>) => void
  readonly redact: (text: string) => string
}

/** @internal */
export const learning = (): Learning => {
  const learned = new Set<string>()
  let withoutLearned = replace([])
  return {
    learn(secrets) {
      for (const secret of secrets) {
        learned.delete(secret)
        learned.add(secret)
      }
      for (const oldest of learned) {
        if (learned.size <= maxLearned) {
          break
        }
        learned.delete(oldest)
      }
      withoutLearned = known(Array.from(learned))
    },
    redact: (text) => withoutLearned(text)
  }
}

/**
 * Takes what looks like a secret out of one line: API keys, bearer tokens, JSON web tokens, and what is known to be one.
 *
 * @internal
 */
export const make = (secrets: Known): (line: string) => string => {
  const withoutKnown = replace(secretValues(secrets))
  return (line) =>
    withoutKnown(line)
      .replace(/\b(Bearer\s+)[^\s"',;]+/gi, `$1${placeholder}`)
      .replace(/\bsk-[\w-]{8,}/g, placeholder)
      .replace(/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, placeholder)
}
