import * as ChildProcess from "node:child_process"

/**
 * A process and everything it started that has not left its group.
 *
 * @internal
 */
export interface ProcessGroup {
  /** Whether any process of the group is left. */
  readonly isAlive: () => boolean
  readonly signal: (signal: "SIGTERM" | "SIGKILL") => void
  /** To be called when the leader has been reaped. */
  readonly leaderExited: () => void
}

// The last resort when the whole program goes down: one listener, however many processes there are, so that Node does
// not take them for a leak of listeners.
const running = new Set<() => void>()

const killAll = (): void => running.forEach((kill) => kill())

const register = (kill: () => void): void => {
  if (running.size === 0) {
    process.on("exit", killAll)
  }
  running.add(kill)
}

const unregister = (kill: () => void): void => {
  running.delete(kill)
  if (running.size === 0) {
    process.off("exit", killAll)
  }
}

const trySignal = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

const posix = (pid: number): ProcessGroup & { readonly killNow: () => void } => {
  // Once the group is empty its number may be given to another one, so it must never be signalled again.
  let empty = false
  const isAlive = (): boolean => {
    empty ||= !trySignal(-pid, 0)
    return !empty
  }
  const signal = (signal: NodeJS.Signals): void => {
    empty ||= !trySignal(-pid, signal)
  }
  return { isAlive, signal, leaderExited: isAlive, killNow: () => signal("SIGKILL") }
}

/** Windows has no groups and no SIGTERM: the tree is ended from its root, for as long as there is a root. */
const windows = (pid: number): ProcessGroup & { readonly killNow: () => void } => {
  let alive = true
  const args = ["/pid", String(pid), "/T", "/F"]
  return {
    isAlive: () => alive,
    signal() {
      if (alive) {
        // A tree that cannot be ended shows in the bounded wait for the exit; there is nobody to tell here.
        ChildProcess.spawn("taskkill", args, { stdio: "ignore", windowsHide: true }).on("error", () => {}).unref()
      }
    },
    leaderExited() {
      alive = false
    },
    killNow() {
      if (alive) {
        ChildProcess.spawnSync("taskkill", args, { stdio: "ignore", windowsHide: true, timeout: 2000 })
      }
    }
  }
}

/**
 * Watches over the group of `pid`: until `release` it is killed when the program exits.
 *
 * @internal
 */
export const make = (pid: number): ProcessGroup & { readonly release: () => void } => {
  const { killNow, ...group } = process.platform === "win32" ? windows(pid) : posix(pid)
  register(killNow)
  return { ...group, release: () => unregister(killNow) }
}
