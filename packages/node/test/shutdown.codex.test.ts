import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as ProcessTable from "../src/internal/processTable.js"
import { eventually } from "./support/child.js"
import { untilEnded } from "./support/program.js"

const lingers = `
  sh -c 'trap "" TERM; exec sleep 1000' &
  echo "$$ $!" > pids.new && mv pids.new pids
  wait
`

const linger = ScriptedModel.toolCall({ name: "exec_command", arguments: { cmd: lingers, yield_time_ms: 60_000 } })

const home = (inherit: string) =>
  TemporaryCodexHome.layer({ shell_environment_policy: { inherit } }).pipe(
    Layer.provideMerge(ScriptedModel.layer(() => linger))
  )

const afterAll = (ending: string) =>
  Effect.gen(function*() {
    const { codexHome, cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
    const folder = Fs.mkdtempSync(Path.join(cwd, "turn-"))
    const { said, started } = yield* untilEnded("midTurn.ts", ending, codexHome, folder)
    const commands: ReadonlyArray<number> = JSON.parse(said)
    assert.includeMembers(started.map(({ pid }) => pid), Array.from(commands))
    yield* eventually(() => !started.some(ProcessTable.isAlive))
  })

layer(home("all"), { excludeTestServices: true })("a program in the middle of a turn", (it) => {
  it.effect.each([
    "that calls process.exit",
    "that is given Ctrl-C under runMain",
    "that is killed"
  ])("%s leaves nothing of its app-server and of the turn's commands", afterAll)
})

layer(home("none"), { excludeTestServices: true })("a program whose turn's commands have a clean environment", (it) => {
  it.effect.each(["that is given Ctrl-C under runMain", "that is killed"])("%s leaves none of them", afterAll)
})
