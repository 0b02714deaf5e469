/** A child, and the words it says once all of it is there: its pids. */
export interface Kind {
  readonly binary: string
  readonly args: ReadonlyArray<string>
}

const shell = (script: string): Kind => ({ binary: "/bin/sh", args: ["-c", script] })

// What a shell ignores, the program that takes its place ignores as well.
const deaf = "trap '' TERM; exec sleep 600"

/** A child that ends with its stdin and leaves another one behind in a session of its own. */
const withSession = (env: string): Kind => ({
  binary: process.execPath,
  args: [
    "-e",
    `
      const { spawn } = require("node:child_process")
      const helper = spawn("/bin/sh", ["-c", ${JSON.stringify(deaf)}], { detached: true, env: ${env}, stdio: "ignore" })
      helper.once("spawn", () => console.log(process.pid, helper.pid))
      process.stdin.resume().on("end", () => process.exit(0))
    `
  ]
})

/** Every kind of child that was seen to stay behind. */
export const kinds: Readonly<Record<string, Kind>> = {
  "a child that heeds the end of its input": shell("echo $$; read -r line"),
  "a child that ignores the end of its input": shell("echo $$; exec sleep 600"),
  "a child that ignores SIGTERM as well": shell(`echo $$; ${deaf}`),
  "a child of a child that holds the pipes": shell(`(${deaf}) & echo $$ $!; read -r line`),
  "a child of a child in a session of its own": withSession("process.env"),
  "a child of a child in a session of its own with a clean environment": withSession("{}")
}
