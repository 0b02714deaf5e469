/**
 * What the schemas don't say, looked at by a person for every method. The generator fails on a method that neither
 * its rules nor these lists settle, so that a new version of codex is looked at too.
 */

/** Results whose name is not that of the params with `Response` for `Params`, nor the method's own with `Response`. */
export const results: Readonly<Record<string, string>> = {
  "account/gatewayOAuth/cancel": "GatewayOAuthCancelResponse",
  "account/logout": "LogoutAccountResponse",
  "account/securitySetup/read": "GetAccountSecuritySetupResponse",
  "account/workspaceMessages/read": "GetWorkspaceMessagesResponse",
  "accountSession/list": "AccountSessionsResponse",
  "config/batchWrite": "ConfigWriteResponse",
  "config/mcpServer/reload": "McpServerRefreshResponse",
  "config/value/write": "ConfigWriteResponse",
  "externalAgentConfig/import/readHistories": "ExternalAgentConfigImportHistoriesReadResponse"
}

/** The first word of a method's last segment, where it says that the method only reads. */
export const readingVerbs: ReadonlySet<string> = new Set([
  "detect",
  "diagnostics",
  "get",
  "info",
  "installed",
  "list",
  "read",
  "readiness",
  "search",
  "status"
])

/** The first word of a method's last segment, where it says that the method changes something. */
export const writingVerbs: ReadonlySet<string> = new Set([
  "add",
  "append",
  "archive",
  "batch",
  "cancel",
  "checkout",
  "clean",
  "clear",
  "compress",
  "consume",
  "copy",
  "create",
  "decrement",
  "delete",
  "disable",
  "enable",
  "enroll",
  "exec",
  "fork",
  "import",
  "increment",
  "inject",
  "install",
  "interrupt",
  "kill",
  "login",
  "logout",
  "move",
  "prepare",
  "reconcile",
  "record",
  "reload",
  "remove",
  "reorder",
  "request",
  "reset",
  "resize",
  "resume",
  "revert",
  "revoke",
  "sample",
  "save",
  "send",
  "set",
  "setup",
  "spawn",
  "start",
  "steer",
  "stop",
  "switch",
  "terminate",
  "unarchive",
  "uninstall",
  "unsubscribe",
  "unwatch",
  "update",
  "upgrade",
  "upload",
  "verify",
  "watch",
  "write"
])

/** Methods whose verb says nothing, or the wrong thing, about whether they only read. */
export const reads: Readonly<Record<string, boolean>> = {
  "account/bedrock/checkGovCloudRequirements": true,
  "account/bedrock/discover": true,
  fuzzyFileSearch: true,
  "fuzzyFileSearch/sessionStart": false,
  "fuzzyFileSearch/sessionStop": false,
  "fuzzyFileSearch/sessionUpdate": false,
  initialize: false,
  "mcpServer/tool/call": false,
  "mock/experimentalMethod": false,
  "thread/approveGuardianDeniedAction": false,
  "thread/guardianReview": false,
  "thread/shellCommand": false
}

/** Members that carry the id of an operation of its own; a notification of such an operation has one of them. */
export const operationIds: ReadonlySet<string> = new Set([
  "importId",
  "loginId",
  "processHandle",
  "processId",
  "sessionId",
  "subscriptionId",
  "watchId"
])

/** Members that look like ids and do not route: the notifications of the whole connection may carry them. */
export const otherIds: ReadonlySet<string> = new Set(["environmentId", "installationId", "projectId", "providerId"])

/** Notifications about the connection as a whole that may name the thread they came up in. */
export const connectionScoped: ReadonlySet<string> = new Set(["mcpServer/startupStatus/updated"])

/** Server requests of the first version of the protocol, which name their thread `conversationId`. */
export const legacyServerRequests: ReadonlySet<string> = new Set(["applyPatchApproval", "execCommandApproval"])

/**
 * Members that the schemas require and older servers do not send, by the oldest version that was seen to send them.
 * 0.130.0, 0.142.5, 0.150.0, 0.160.1 and 0.169.0 were compared.
 */
export const lateMembers: Readonly<Record<string, string>> = {
  "ExternalAgentConfigImportHistoriesReadResponse.connectors": "0.150.0",
  "ManagedHooksRequirements.SubagentStart": "0.142.5",
  "ManagedHooksRequirements.SubagentStop": "0.142.5",
  "PluginDetail.appTemplates": "0.142.5",
  "PluginSharePrincipal.role": "0.142.5",
  "RemoteControlStatusChangedNotification.installationId": "0.142.5",
  "RemoteControlStatusChangedNotification.serverName": "0.142.5",
  "Thread.projectId": "0.150.0",
  "ToolRequestUserInputParams.isBlocking": "0.142.5"
}

/** Definitions whose schema names members in snake case, where the server was seen to write them in camel case. */
export const camelCaseDefinitions: ReadonlyArray<string> = ["ThreadTimelineEntry"]

/** Tags that may be left out though the schema requires them, seen on the wire: the definition and the tag's value. */
export const impliedTags: Readonly<Record<string, string>> = { DynamicToolSpec: "function" }
