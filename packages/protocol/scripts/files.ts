import type { Method } from "./bundle.js"
import { loadBundle } from "./bundle.js"
import { checkResults, clientRequests, resultOf, stabilityOf } from "./clientRequests.js"
import { emitMethodsPage } from "./emitMethodsPage.js"
import { emitClient, emitServer, modulesOf } from "./emitModules.js"
import type { ServerNotification, ServerRequest } from "./emitTables.js"
import * as Tables from "./emitTables.js"
import { checkLateMembers, parseDefinitions } from "./parse.js"
import * as Reviewed from "./reviewed.js"
import { deltaOf, idsOf, routingOf } from "./routing.js"

const paramsOf = (methods: ReadonlyArray<Method>): ReadonlyArray<string> =>
  methods.flatMap(({ params }) => params === undefined ? [] : [params])

/** The generated files, by their path from the package. */
export const generate = (binary: string, version: string): ReadonlyMap<string, string> => {
  const bundle = loadBundle(binary, true)
  const stableBundle = loadBundle(binary, false)
  checkLateMembers(bundle.definitions)
  const definitions = parseDefinitions(bundle.definitions, stableBundle.definitions)
  const stable = parseDefinitions(stableBundle.definitions, stableBundle.definitions)

  const requests = clientRequests(version, bundle, stableBundle, definitions, stable)
  const serverRequests = bundle.serverRequests.map((method): ServerRequest => ({
    method,
    result: resultOf(method, definitions),
    stability: stabilityOf(method, stableBundle.serverRequests),
    ...(Reviewed.legacyServerRequests.has(method.name)
      ? { threadId: ["conversationId"], turnId: undefined, legacy: true }
      : { ...idsOf(method.params, definitions), legacy: false })
  }))
  const serverNotifications = bundle.serverNotifications.map((method): ServerNotification => ({
    method,
    stability: stabilityOf(method, stableBundle.serverNotifications),
    ...routingOf(method.name, method.params, definitions),
    delta: deltaOf(method.params, definitions)
  }))
  checkResults([...requests, ...serverRequests].map(({ result }) => result), definitions)
  const modules = modulesOf(definitions, {
    server: [
      ...requests.map(({ result }) => result),
      ...paramsOf(bundle.serverRequests),
      ...paramsOf(bundle.serverNotifications)
    ],
    client: [
      ...paramsOf(bundle.clientRequests),
      ...paramsOf(bundle.clientNotifications),
      ...serverRequests.map(({ result }) => result)
    ]
  })

  return new Map([
    ["src/Server.ts", emitServer(version, bundle, definitions, modules)],
    ["src/Client.ts", emitClient(version, definitions, modules)],
    ["src/ClientRequests.ts", Tables.emitClientRequests(version, requests)],
    ["src/ClientNotifications.ts", Tables.emitClientNotifications(version, bundle.clientNotifications)],
    ["src/ServerRequests.ts", Tables.emitServerRequests(version, serverRequests)],
    ["src/ServerNotifications.ts", Tables.emitServerNotifications(version, serverNotifications)],
    ["src/ProtocolVersion.ts", Tables.emitVersion(version)],
    ["../../docs/methods.md", emitMethodsPage(version, requests)]
  ])
}
