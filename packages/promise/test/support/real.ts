import { Codex, type CodexOptions, type ThreadEvent } from "@effect-codex/promise"
import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import { execFile } from "node:child_process"
import { randomUUID } from "node:crypto"
import { promisify } from "node:util"
import { it } from "vitest"

/** What a test has of the world around the program that it is. */
export interface World {
  /** The options by which `Codex.start` finds the model of the test. */
  readonly options: CodexOptions
  /** What the model was asked, by what the user said. */
  readonly asked: () => Promise<ReadonlyArray<string>>
  /** Waits until the model is asked this. */
  readonly awaitAsked: (userText: string) => Promise<void>
  readonly requests: () => Promise<ReadonlyArray<ScriptedModel.ModelRequest>>
  /** What is alive of the app-server and of everything it started. */
  readonly processes: () => Promise<ReadonlyArray<string>>
}

const run = promisify(execFile)

/** A promise of the package, shown on the real app-server and a model that says what the script does. */
export const withModel = (name: string, script: ScriptedModel.Script, body: (world: World) => Promise<void>): void =>
  it(name, () =>
    Effect.gen(function*() {
      const { codexHome, cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
      const model = yield* ScriptedModel.ScriptedModel
      const mark = randomUUID()
      const runPromise = Runtime.runPromise(yield* Effect.runtime())
      const requests = () => runPromise(model.requests)
      yield* Effect.promise(() =>
        body({
          options: {
            binary: process.env["CODEX_TEST_BINARY"],
            codexHome,
            cwd,
            env: { HOME: codexHome, CODEX_UNDER_TEST: mark }
          },
          requests,
          asked: async () => (await requests()).map(({ userText }) => userText),
          awaitAsked: (userText) =>
            runPromise(Effect.asVoid(model.awaitRequest((request) => request.userText === userText))),
          processes: async () => {
            const { stdout } = await run("ps", ["axeww", "-o", "pid=,command="], { maxBuffer: 64 * 1024 * 1024 })
            return stdout.split("\n").filter((line) => line.includes(`CODEX_UNDER_TEST=${mark}`))
          }
        })
      )
    }).pipe(
      Effect.provide(Layer.provideMerge(TemporaryCodexHome.layer(), ScriptedModel.layer(script))),
      Effect.runPromise
    ))

/** The same with a Codex that is closed afterwards. */
export const withCodex = (
  name: string,
  script: ScriptedModel.Script,
  body: (codex: Codex, world: World) => Promise<void>,
  options: CodexOptions = {}
): void =>
  withModel(name, script, async (world) => {
    await using codex = await Codex.start({ ...world.options, ...options })
    await body(codex, world)
  })

/** Says `one two ` and nothing more when asked to be slow, and repeats everything else. */
export const slowOrEcho = (request: ScriptedModel.ModelRequest) =>
  request.userText.startsWith("slow")
    ? ScriptedModel.text(["one ", "two ", ScriptedModel.hang])
    : ScriptedModel.echo(request)

/** What a promise rejects with. */
export const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then((value) => {
    throw new Error(`It was fulfilled with ${JSON.stringify(value)}.`)
  }, (error: unknown) => error)

/** Reads until the agent says something. */
export const firstWords = async (events: AsyncIterator<ThreadEvent>): Promise<void> => {
  for (let next = await events.next(); next.done !== true; next = await events.next()) {
    if (next.value._tag === "ItemAgentMessageDelta") {
      return
    }
  }
}

/** Reads whatever there is. */
export const collect = async <A>(iterable: AsyncIterable<A>): Promise<ReadonlyArray<A>> => {
  const values: Array<A> = []
  for await (const value of iterable) {
    values.push(value)
  }
  return values
}
