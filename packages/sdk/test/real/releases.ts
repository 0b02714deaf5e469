/**
 * What older releases of codex do not hold, in one place: the promises of these tests that begin with a release, and why
 * they do. `npm run compat` runs the suite on every tested release and prints what is said here beside what it skips.
 */
import { ClientRequests } from "@effect-codex/protocol/ClientRequests"
import { PROTOCOL_VERSION } from "@effect-codex/protocol/ProtocolVersion"
import type { Vitest } from "@effect/vitest"
import * as NodeChildProcess from "node:child_process"
import { it as plain } from "vitest"

/** Another app-server than the installed one, for runs of the whole suite on it. */
export const binary = process.env["CODEX_TEST_BINARY"]

/** The release that is tested. */
export const tested = binary === undefined
  ? PROTOCOL_VERSION
  : /\d+\.\d+\.\d+\S*/.exec(NodeChildProcess.execFileSync(binary, ["--version"], { encoding: "utf8" }))?.[0] ?? ""

const compare = (one: string, other: string) => one.localeCompare(other, "en", { numeric: true })

/** Whether the release that is tested came before this one. */
export const isBefore = (release: string): boolean => compare(tested, release) < 0

export interface Since {
  readonly release: string
  readonly reason: string
}

const since = (release: string, reason: string): Since => ({ release, reason })

/** As of the release with which the last of these methods came. */
const methods = (...names: ReadonlyArray<keyof typeof ClientRequests>): Since => {
  const last = names.reduce((a, b) => compare(ClientRequests[a].since, ClientRequests[b].since) < 0 ? b : a)
  return since(ClientRequests[last].since, `\`${last}\` came with it`)
}

/** Where the model finds the tools of sub-agents. */
export const agentNamespace = isBefore("0.142.5") ? undefined : "multi_agent_v1"

// In the order of the test files.
export const promises = {
  loginHosts: since("0.160.1", "the address of the login cannot be put in place of the real one"),
  modelProviders: methods("modelProvider/list"),
  plugins: methods("plugin/installed"),
  permissionProfiles: methods("permissionProfile/list"),
  feedback: methods("feedback/save"),
  accountUsage: methods("account/usage/read"),
  goals: since("0.142.5", "goals are an experiment that is off, and pursued with other prompts"),
  mcpEvents: methods("mcpServer/event/stream/start"),
  mcpServersByName: since("0.160.1", "the server lists all MCP servers, and waits for the one that is held back"),
  currentTime: since("0.150.0", "the date that the client tells does not stand in what the model is asked"),
  clientClock: since("0.142.5", "the server has no clock that the client could own"),
  tokenHosts: since("0.150.0", "the address of the model's host cannot be put in place of the real one"),
  realtimeSpeech: methods("thread/realtime/appendSpeech"),
  realtimeItems: since("0.160.1", "the server does not tell of the end of a session as an item"),
  realtimeRefusal: since("0.160.1", "the server refuses a session without credentials at once, with `RequestFailed`"),
  agentChanges: since("0.142.5", "an agent is listed, and can be read, only some time after it was spawned"),
  agentTasks: since(
    "0.160.1",
    "the tools of agents that are tasks are elsewhere, or such an agent does not end in time when it is stopped"
  ),
  terminals: methods("thread/backgroundTerminals/list"),
  threadItems: methods("thread/items/list"),
  turnCursor: since("0.160.1", "the server gives no cursor of turns with a thread that is resumed"),
  revert: since("0.160.1", "the server reverts no thread of the kind that it starts"),
  deletion: methods("thread/delete"),
  timeline: methods("thread/timeline/list"),
  searchInThread: methods("thread/searchOccurrences"),
  queue: methods("thread/queue/add"),
  queueTaken: methods("thread/queue/add", "thread/items/list"),
  sections: since("0.169.0", "the server does not tell that a thread was moved to a section"),
  attachments: methods("thread/attachment/add", "thread/attachmentOwner/list"),
  settings: methods("thread/settings/update"),
  memory: methods("thread/memory/read"),
  pagesOfThreads: since(
    "0.169.0",
    "the cursor of a list of threads is a whole second, and skips what changed in the same"
  ),
  toolNamespaces: since("0.142.5", "the server knows no namespaces of tools"),
  toolsAtOnce: since("0.169.0", "the server makes the tool calls of a reply one after the other")
}

/**
 * A test of what holds from a release on. On the installed release it is a test like any other: only `npm run compat`,
 * which tests others, can skip it.
 */
export const from = <R>({ reason, release }: Since, test: Vitest.Tester<R>): Vitest.Test<R> =>
  isBefore(release)
    ? (name) => plain(name, ({ skip }) => skip(`${release}: ${reason}`))
    : test
