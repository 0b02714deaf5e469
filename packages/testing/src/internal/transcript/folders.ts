/**
 * Paths by the names of their folders, so that a transcript says nothing of the machine it was recorded on, and can be
 * replayed on another.
 *
 * @internal
 */
export interface Folders {
  /** Puts names for paths. */
  readonly name: (text: string) => string
  /** Puts paths for names. */
  readonly resolve: (text: string) => string
  /** Says where a folder is, unless that was given. */
  readonly learn: (name: string, path: string) => void
}

/** Empty where there is no Node.js. */
export const environment = (): Readonly<Record<string, string | undefined>> =>
  typeof process === "undefined" ? {} : process.env

const defaults = (): Readonly<Record<string, string | undefined>> => {
  const { CODEX_HOME, HOME, USERPROFILE } = environment()
  const home = HOME ?? USERPROFILE
  return {
    home,
    codexHome: CODEX_HOME ?? (home === undefined ? undefined : `${home}/.codex`),
    cwd: typeof process === "undefined" ? undefined : process.cwd()
  }
}

const escape = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** A root is in every path, and its name in none. */
const isRoot = (path: string): boolean => /^([A-Za-z]:)?[\\/]*$/.test(path)

/** @internal */
export const make = (given: { readonly [name: string]: string }): Folders => {
  const paths = new Map<string, string>()
  let pattern: RegExp | undefined
  let names = new Map<string, string>()

  const set = (name: string, path: string | undefined): void => {
    if (path !== undefined && !isRoot(path)) {
      paths.set(name, path.replace(/[\\/]+$/, ""))
    }
  }

  const compile = (): void => {
    // The deepest first; of two names of one folder the one that was given.
    const sorted = Array.from(paths).sort((a, b) => b[1].length - a[1].length)
    names = new Map(sorted.map(([name, path]) => [path, name]))
    pattern = sorted.length === 0
      ? undefined
      : new RegExp(`(?<![\\w.-])(${sorted.map(([, path]) => escape(path)).join("|")})(?![\\w-])`, "g")
  }

  Object.entries({ ...defaults(), ...given }).forEach(([name, path]) => set(name, path))
  compile()

  return {
    name: (text) => pattern === undefined ? text : text.replace(pattern, (path) => `{{${names.get(path) ?? "home"}}}`),
    resolve: (text) =>
      text.includes("{{") ? text.replace(/\{\{(\w+)\}\}/g, (whole, name) => paths.get(name) ?? whole) : text,
    learn(name, path) {
      if (given[name] === undefined) {
        set(name, path)
        compile()
      }
    }
  }
}
