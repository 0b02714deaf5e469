import type * as Server from "@effect-codex/protocol/Server"
import { threadId } from "./talk.js"

/** A thread as the server has it. */
export const threadOf = (
  status: "active" | "idle" | "notLoaded" | "systemError",
  state: Partial<Server.Thread> = {}
): Server.Thread => ({
  id: threadId,
  turns: [],
  cliVersion: "0",
  createdAt: 0,
  updatedAt: 0,
  cwd: "/",
  ephemeral: false,
  modelProvider: "m",
  preview: "",
  projectId: null,
  sessionId: "s",
  source: "appServer",
  status: status === "active" ? { type: status, activeFlags: [] } : { type: status },
  ...state
})
