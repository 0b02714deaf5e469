import type { ThreadForkParams, ThreadResumeParams, ThreadStartParams } from "@effect-codex/protocol/Client"
import { isOlder } from "../connection/requestErrors.js"

type Opening = ThreadStartParams | ThreadResumeParams | ThreadForkParams

const keys = [
  "approvalPolicy",
  "approvalsReviewer",
  "baseInstructions",
  "config",
  "cwd",
  "developerInstructions",
  "model",
  "modelProvider",
  "sandbox",
  "serviceTier"
] as const satisfies ReadonlyArray<keyof ThreadStartParams & keyof ThreadResumeParams & keyof ThreadForkParams>

/**
 * What a program has asked of a thread when it opened it.
 *
 * @internal
 */
export type ThreadSettings = Partial<Pick<ThreadResumeParams, typeof keys[number]>>

/** @internal */
export const ofOpening = (params: Opening): ThreadSettings =>
  Object.fromEntries(keys.flatMap((key) => params[key] === undefined ? [] : [[key, params[key]]]))

/**
 * What to ask for again when the thread is resumed. The server stores it with the thread, and what turns have changed of
 * it; older ones have the defaults of their configuration instead, sandbox included.
 *
 * @internal
 */
export const toResume = (settings: ThreadSettings | undefined, serverVersion: string | null): ThreadSettings =>
  serverVersion !== null && isOlder(serverVersion, "0.169.0") ? settings ?? {} : {}
