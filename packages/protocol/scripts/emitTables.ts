import type { Method } from "./bundle.js"
import type { ClientRequest, Stability } from "./clientRequests.js"
import { header, moduleComment } from "./emitModules.js"
import type { Doc } from "./printer.js"
import { block, comment, group, indent, join, line, print, quote, softLine } from "./printer.js"
import { comparedVersions } from "./releases.js"
import type { Delta, Path, Routing } from "./routing.js"
import {
  clientNotificationTypes,
  clientRequestTypes,
  serverNotificationTypes,
  serverRequestTypes
} from "./tableTypes.js"

export interface ServerNotification extends Routing {
  readonly method: Method
  readonly stability: Stability
  readonly delta: Delta | undefined
}

export interface ServerRequest {
  readonly method: Method
  readonly result: string
  readonly stability: Stability
  readonly threadId: Path | undefined
  readonly turnId: Path | undefined
  readonly legacy: boolean
}

const strings = (values: ReadonlyArray<string>): Doc =>
  values.length === 0 ? "[]" : group(["[", indent([softLine, join(values.map(quote), [",", line])]), softLine, "]"])

const path = (value: Path | undefined): Doc => value === undefined ? "undefined" : strings(value)

const entry = (name: string, fields: ReadonlyArray<readonly [string, Doc]>, separator: string): Doc => [
  `${quote(name)}: `,
  block(fields.map(([field, doc]): Doc => [`${field}: `, doc]), separator)
]

const typeEntry = (
  method: Method,
  fields: ReadonlyArray<readonly [string, Doc]>
): Doc => [
  comment(method.description),
  `readonly ${quote(method.name)}: `,
  block(fields.map(([field, doc]): Doc => [`readonly ${field}: `, doc]), "")
]

const tableModule = (options: {
  readonly version: string
  readonly about: string
  readonly imports: string
  readonly name: string
  readonly aboutTypes: string
  readonly aboutValues: string
  readonly types: ReadonlyArray<Doc>
  readonly values: ReadonlyArray<Doc>
  readonly spec: string
  readonly helpers: string
}): string =>
  header(options.version) + moduleComment(options.about) + options.imports + "\n" +
  print([comment(options.aboutTypes, "models"), `export interface ${options.name} `, block(options.types, "")]) +
  "\n" + options.helpers + "\n" +
  print([
    comment(options.aboutValues, "tables"),
    `export const ${options.name}: { readonly [M in keyof ${options.name}]: ${options.spec}<M> } = `,
    block(options.values, ",")
  ]) + "\n"

const clientParams = ({ params, paramsOptional }: Method): string =>
  params === undefined ? "undefined" : `Client.${params}${paramsOptional ? " | null | undefined" : ""}`

export const emitClientRequests = (version: string, requests: ReadonlyArray<ClientRequest>): string =>
  tableModule({
    version,
    about: "The requests a client may send: their types by method, and a table of what a client needs to know of each.",
    imports: `import type * as Schema from "effect/Schema"\nimport * as Client from "./Client.js"\n` +
      `import * as Server from "./Server.js"\n`,
    name: "ClientRequests",
    aboutTypes: "The type of every request's params and result.",
    aboutValues: "What a client needs to know of every request, by method.",
    spec: "ClientRequestSpec",
    helpers: clientRequestTypes,
    types: requests.map(({ method, result, stability }) =>
      typeEntry(method, [
        ["params", clientParams(method)],
        ["result", `Server.${result}`],
        ["stability", quote(stability)]
      ])
    ),
    values: requests.map((request) =>
      entry(request.method.name, [
        ["method", quote(request.method.name)],
        ["params", request.method.params === undefined ? "undefined" : `Client.${request.method.params}`],
        ["paramsOptional", String(request.method.paramsOptional)],
        ["result", `Server.${request.result}`],
        ["stability", quote(request.stability)],
        ["experimentalFields", strings(request.experimentalFields)],
        ["reads", String(request.reads)],
        ["since", quote(request.since)]
      ], ",")
    )
  })

export const emitClientNotifications = (version: string, notifications: ReadonlyArray<Method>): string =>
  tableModule({
    version,
    about: "The notifications a client may send.",
    imports: `import type * as Schema from "effect/Schema"\n`,
    name: "ClientNotifications",
    aboutTypes: "The type of every client notification's params.",
    aboutValues: "Every client notification, by method.",
    spec: "ClientNotificationSpec",
    helpers: clientNotificationTypes,
    types: notifications.map((method) => typeEntry(method, [["params", clientParams(method)]])),
    values: notifications.map((method) =>
      entry(method.name, [
        ["method", quote(method.name)],
        ["params", method.params === undefined ? "undefined" : `Client.${method.params}`]
      ], ",")
    )
  })

const delta = (value: Delta | undefined): Doc =>
  value === undefined
    ? "undefined"
    : group(["{", indent([line, `text: ${quote(value.text)},`, line, "sameBy: ", strings(value.sameBy)]), line, "}"])

export const emitServerNotifications = (version: string, notifications: ReadonlyArray<ServerNotification>): string =>
  tableModule({
    version,
    about: "The notifications a server sends: their types by method, and a table that says where each belongs.",
    imports: `import type * as Schema from "effect/Schema"\nimport * as Server from "./Server.js"\n`,
    name: "ServerNotifications",
    aboutTypes: "The type of every notification's params.",
    aboutValues: "Where every notification belongs, and how its params are read, by method.",
    spec: "ServerNotificationSpec",
    helpers: serverNotificationTypes,
    types: notifications.map(({ method, scope, stability }) =>
      typeEntry(method, [
        ["params", `Server.${method.params}`],
        ["scope", quote(scope)],
        ["stability", quote(stability)]
      ])
    ),
    values: notifications.map((notification) =>
      entry(notification.method.name, [
        ["method", quote(notification.method.name)],
        ["params", `Server.${notification.method.params}`],
        ["stability", quote(notification.stability)],
        ["scope", quote(notification.scope)],
        ["threadId", path(notification.threadId)],
        ["turnId", path(notification.turnId)],
        ["operationId", path(notification.operationId)],
        ["delta", delta(notification.delta)]
      ], ",")
    )
  })

export const emitServerRequests = (version: string, requests: ReadonlyArray<ServerRequest>): string =>
  tableModule({
    version,
    about: "The requests a server sends, which a client has to answer.",
    imports: `import type * as Schema from "effect/Schema"\nimport * as Client from "./Client.js"\n` +
      `import * as Server from "./Server.js"\n`,
    name: "ServerRequests",
    aboutTypes: "The type of every server request's params, and of its answer.",
    aboutValues: "Where every server request belongs, and how it is read and answered, by method.",
    spec: "ServerRequestSpec",
    helpers: serverRequestTypes,
    types: requests.map(({ method, result, stability }) =>
      typeEntry(method, [
        ["params", `Server.${method.params}`],
        ["result", `Client.${result}`],
        ["stability", quote(stability)]
      ])
    ),
    values: requests.map((request) =>
      entry(request.method.name, [
        ["method", quote(request.method.name)],
        ["params", `Server.${request.method.params}`],
        ["result", `Client.${request.result}`],
        ["stability", quote(request.stability)],
        ["threadId", path(request.threadId)],
        ["turnId", path(request.turnId)],
        ["legacy", String(request.legacy)]
      ], ",")
    )
  })

export const emitVersion = (version: string): string =>
  header(version) + moduleComment("The version of codex this package was generated from.") +
  print(comment("The server's own version; other versions speak mostly the same protocol.", "constants")) +
  `export const PROTOCOL_VERSION = ${quote(version)}\n\n` +
  print(comment(
    "The releases whose methods were compared, oldest first: `since` in the table of requests names one of them.",
    "constants"
  )) +
  `export const COMPARED_VERSIONS: ReadonlyArray<string> = ` + print(strings(comparedVersions)) + "\n"
