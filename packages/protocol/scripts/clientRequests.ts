import type { Bundle, Method } from "./bundle.js"
import { experimentalFields } from "./experimental.js"
import type { DefinitionTable } from "./reachability.js"
import * as Reviewed from "./reviewed.js"

export type Stability = "stable" | "experimental"

export interface ClientRequest {
  readonly method: Method
  readonly result: string
  readonly stability: Stability
  readonly experimentalFields: ReadonlyArray<string>
  readonly reads: boolean
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

export const clientRequests = (
  bundle: Bundle,
  stableBundle: Bundle,
  definitions: DefinitionTable,
  stable: DefinitionTable
): ReadonlyArray<ClientRequest> =>
  bundle.clientRequests.map((method) => {
    const stability = stabilityOf(method, stableBundle.clientRequests)
    return {
      method,
      result: resultOf(method, definitions),
      stability,
      experimentalFields: stability === "experimental" || method.params === undefined
        ? []
        : experimentalFields(method.params, definitions, stable),
      reads: readsOf(method.name)
    }
  })
