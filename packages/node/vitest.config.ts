import { mergeConfig } from "vitest/config"
import shared, { posix } from "../../vitest.shared.js"

export default mergeConfig(shared, {
  test: {
    name: "node",
    exclude: posix("CodexBinary", "ProcessTransport*", "process*", "secrets*", "shutdown.*", "watchdog")
  }
})
