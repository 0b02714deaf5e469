const secretName = /KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL/i

// A shorter value ("true", "1234") is no secret worth hiding and would tear holes into ordinary words.
const minSecretLength = 8

const placeholder = "[redacted]"

const escape = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

const secretValues = (environments: ReadonlyArray<Readonly<Record<string, string | undefined>>>): Array<string> => {
  const values = new Set<string>()
  for (const environment of environments) {
    for (const [name, value] of Object.entries(environment)) {
      if (value !== undefined && secretName.test(name)) {
        // Text is redacted line by line, so a value of several lines (a PEM key) is known by each of them.
        value.split(/\r?\n/).filter((line) => line.length >= minSecretLength).forEach((line) => values.add(line))
      }
    }
  }
  // The longest first: where one secret is the prefix of another, the rest of the longer must not stay behind.
  return Array.from(values).sort((a, b) => b.length - a.length)
}

/**
 * Takes what looks like a secret out of one line: API keys, bearer tokens, JSON web tokens, and the values of the
 * variables in `environments` whose names say that they are secret.
 *
 * @internal
 */
export const make = (
  environments: ReadonlyArray<Readonly<Record<string, string | undefined>>>
): (line: string) => string => {
  const values = secretValues(environments)
  const known = values.length === 0 ? undefined : new RegExp(values.map(escape).join("|"), "g")
  return (line) =>
    (known === undefined ? line : line.replace(known, placeholder))
      .replace(/\b(Bearer\s+)[^\s"',;]+/gi, `$1${placeholder}`)
      .replace(/\bsk-[\w-]{8,}/g, placeholder)
      .replace(/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, placeholder)
}
