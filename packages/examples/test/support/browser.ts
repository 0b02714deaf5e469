import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chromium, type Page } from "playwright-core"

const places = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
]

/** The browser of this machine. Where there is none, what needs one is not registered: a line says so. */
export const find = (): string | undefined => {
  const found = places.find((place) => place !== undefined && existsSync(place))
  if (found === undefined) {
    console.log("No Chromium was found (CHROMIUM says where one is): no page is tried in a browser.")
  }
  return found
}

const args = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
  "--no-sandbox"
]

/** A page of a browser that nobody has used before, without a window. */
export const open = (executablePath: string, url: string): Effect.Effect<Page, never, Scope.Scope> =>
  Effect.gen(function*() {
    const profile = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "examples-browser-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
    )
    const browser = yield* Effect.acquireRelease(
      Effect.promise(() => chromium.launchPersistentContext(profile, { executablePath, args, headless: true })),
      (browser) => Effect.promise(() => browser.close())
    )
    const page = yield* Effect.promise(() => browser.newPage())
    yield* Effect.promise(() => page.goto(url))
    return page
  })
