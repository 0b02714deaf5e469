// JavaScript with a declaration beside it, because the packages' composite projects may not take in a source file from
// outside of their root.
import { configDefaults, defineConfig } from "vitest/config"

const conditions = ["effect-codex-source"]

/**
 * Left out on Windows: what is started there is a shell, or what is asked is `ps`, signals and process groups. Elsewhere
 * every test runs.
 */
export const posix = (...files: ReadonlyArray<string>): Array<string> =>
  process.platform === "win32" ? files.map((file) => `test/${file}.test.ts`) : []

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: configDefaults.exclude,
    testTimeout: 60_000
  }
})
