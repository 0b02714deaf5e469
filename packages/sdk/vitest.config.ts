import { mergeConfig } from "vitest/config"
import shared, { posix } from "../../vitest.shared.js"

export default mergeConfig(shared, {
  test: { name: "sdk", exclude: posix("readyHandlers", "real/{approvals,commands,process,spawn,supervised}") }
})
