// JavaScript with a declaration beside it, because the packages' composite projects may not take in a source file from
// outside of their root.
import { defineConfig } from "vitest/config"

const conditions = ["effect-codex-source"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000
  }
})
