import * as Client from "@effect-codex/protocol/Client"
import * as Server from "@effect-codex/protocol/Server"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fileURLToPath } from "node:url"
import { execute } from "../src/internal/measure.js"

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The modules of the SDK, by what they are below `packages`, that a program of its own process has loaded. */
const modulesOf = (program: string) =>
  Effect.map(
    execute(program, [
      ...["--import", "tsx", "--import", file("../src/internal/probes/listModules.ts")],
      ...["--conditions=effect-codex-source", file(program)]
    ]),
    (output) =>
      output.split("\n").flatMap((line) => {
        const [, name] = /\/packages\/((?:sdk|node|protocol)\/src\/.*)\.ts/.exec(line) ?? []
        return name === undefined ? [] : [name]
      })
  )

/** Counts which definitions of the protocol are built from now on. */
const countBuilt = () => {
  const definitions = new Set<object>([...Object.values(Client), ...Object.values(Server)])
  const built: Array<string> = []
  for (const definition of definitions) {
    if ("build" in definition && "name" in definition && typeof definition.build === "function") {
      const { build, name } = definition
      Object.assign(definition, {
        build: () => {
          built.push(String(name))
          return build()
        }
      })
    }
  }
  return { built, definitions: definitions.size }
}

describe("what a start costs, counted", () => {
  it.live("until its first answer a program that runs its own app-server loads nothing of sockets", () =>
    Effect.gen(function*() {
      const modules = yield* modulesOf("./fixtures/firstAnswer.ts")
      assert.include(modules, "node/src/internal/processTransport")
      assert.deepStrictEqual(
        modules.filter((name) => /webSocket|daemon|bearerToken|endpoint|loopback|heartbeat/.test(name)),
        []
      )
      // Each costs a search, a read and a compilation. One more is no harm; a dozen should be a decision.
      assert.isAtMost(modules.length, 175)
    }))

  it.live("until its first answer a program builds the definitions that the handshake and its request name", () =>
    Effect.gen(function*() {
      const { built, definitions } = countBuilt()
      // Only now, so that what the modules of the SDK would build when they are loaded is counted as well.
      const { AppServer } = yield* Effect.promise(() => import("@effect-codex/sdk"))
      const { wired } = yield* Effect.promise(() => import("./support/wired.js"))
      yield* Effect.flatMap(AppServer.AppServer, ({ request }) => request("thread/loaded/list", {})).pipe(
        Effect.provide(wired().layer),
        Effect.exit
      )
      assert.isAbove(definitions, 500)
      assert.includeMembers(built, ["InitializeResponse", "ThreadLoadedListParams", "ThreadLoadedListResponse"])
      assert.isAtMost(built.length, 8, built.join(", "))
    }))
})
