import type { Bundle, Method } from "./bundle.js"
import { experimentalFields } from "./experimental.js"
import type { DefinitionTable } from "./reachability.js"
import { comparedVersions, firstMethods } from "./releases.js"
import * as Reviewed from "./reviewed.js"

export type Stability = "stable" | "experimental"

export interface ClientRequest {
  readonly method: Method
  readonly result: string
  readonly stability: Stability
  readonly experimentalFields: ReadonlyArray<string>
  readonly reads: boolean
  readonly since: string
}

const pascalCase = (method: string): string =>
  method.split("/").map((segment) => segment.charAt(0).toUpperCase() + segment.slice(1)).join("")

export const resultOf = (method: Method, definitions: ReadonlyMap<string, unknown>): string => {
  const candidates = [
    Reviewed.results[method.name],
    method.params?.replace(/Params$/, "Response"),
    `${pascalCase(method.name)}Response`
  ]
  const result = candidates.find((name) => name !== undefined && definitions.has(name))
  if (result === undefined) throw new Error(`${method.name}: which definition is its result? Add it to reviewed.ts`)
  return result
}

export const stabilityOf = (method: Method, stable: ReadonlyArray<Method>): Stability =>
  stable.some(({ name }) => name === method.name) ? "stable" : "experimental"

const readsOf = (method: string): boolean => {
  const reviewed = Reviewed.reads[method]
  if (reviewed !== undefined) return reviewed
  const verb = /^[a-z]+/.exec(method.slice(method.lastIndexOf("/") + 1))?.[0] ?? ""
  if (Reviewed.readingVerbs.has(verb)) return true
  if (Reviewed.writingVerbs.has(verb)) return false
  throw new Error(`${method}: does it only read? Add it, or its verb "${verb}", to reviewed.ts`)
}

const sinceOf = (method: string): string => {
  const since = comparedVersions.find((version) => firstMethods[version].includes(method))
  if (since === undefined) throw new Error(`${method}: which release of codex has it first? Add it to releases.ts`)
  return since
}

/** A result that no method has is a sign that one was given the wrong one. */
export const checkResults = (results: ReadonlyArray<string>, definitions: DefinitionTable): void => {
  const unused = [...definitions.keys()].filter((name) =>
    name.endsWith("Response") && name !== "JSONRPCResponse" && !results.includes(name)
  )
  if (unused.length > 0) throw new Error(`no method has the result ${unused.join(", ")}: see reviewed.ts`)
}

/** A list that names what is gone was not looked at for this version. */
const checkReviewed = (bundle: Bundle): void => {
  const methods = new Set(
    [...bundle.clientRequests, ...bundle.serverRequests, ...bundle.serverNotifications].map(({ name }) => name)
  )
  const reviewed = [
    ...Object.keys(Reviewed.results),
    ...Object.keys(Reviewed.reads),
    ...Reviewed.connectionScoped,
    ...Reviewed.legacyServerRequests
  ]
  const gone = reviewed.filter((name) => !methods.has(name))
  if (gone.length > 0) throw new Error(`reviewed.ts names methods that codex no longer has: ${gone.join(", ")}`)
}

/** The comparison ends with the release that is generated from, and has each of its methods once. */
const checkReleases = (bundle: Bundle, version: string): void => {
  if (comparedVersions.at(-1) !== version) throw new Error(`codex ${version} was not compared: see releases.ts`)
  const methods = new Set(bundle.clientRequests.map(({ name }) => name))
  const wrong = comparedVersions.flatMap((release) => firstMethods[release]).filter((name) => !methods.delete(name))
  if (wrong.length > 0) throw new Error(`releases.ts names methods twice, or that are gone: ${wrong.join(", ")}`)
}

export const clientRequests = (
  version: string,
  bundle: Bundle,
  stableBundle: Bundle,
  definitions: DefinitionTable,
  stable: DefinitionTable
): ReadonlyArray<ClientRequest> => {
  checkReviewed(bundle)
  checkReleases(bundle, version)
  return bundle.clientRequests.map((method) => {
    const stability = stabilityOf(method, stableBundle.clientRequests)
    return {
      method,
      result: resultOf(method, definitions),
      stability,
      experimentalFields: stability === "experimental" || method.params === undefined
        ? []
        : experimentalFields(method.params, definitions, stable),
      reads: readsOf(method.name),
      since: sinceOf(method.name)
    }
  })
}
