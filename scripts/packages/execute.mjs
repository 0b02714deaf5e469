import { spawn } from "node:child_process"

/**
 * Runs a program to its end, at most `bound` milliseconds, and answers with what it printed. It is given no conditions of
 * this repository, which come with `NODE_OPTIONS`: what is published has to run without them.
 */
export const execute = ([file, ...args], { bound = 120_000, cwd, env = {} }) =>
  new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, NODE_OPTIONS: "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: bound,
      killSignal: "SIGKILL"
    })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (chunk) => (stdout += chunk))
    child.stderr.setEncoding("utf8").on("data", (chunk) => (stderr += chunk))
    child.once("error", ({ message }) => resolve({ ok: false, stdout, stderr: message }))
    child.once("close", (code, signal) => {
      const ended = signal === null ? "" : `\nended by ${signal}, after at most ${bound / 1000} s`
      resolve({ ok: code === 0, stdout, stderr: stderr + ended })
    })
  })

/** Runs a program that has to succeed; what it said is the problem where it does not. */
export const succeed = async (command, options) => {
  const { ok, stderr, stdout } = await execute(command, options)
  if (!ok) {
    throw new Error(`${stdout.trim()}\n${stderr.trim()}`.trim() || `${command.join(" ")} failed and said nothing`)
  }
  return stdout
}
