import { mergeConfig } from "vitest/config"
import shared, { posix } from "../../vitest.shared.js"

export default mergeConfig(shared, {
  test: { name: "promise", exclude: posix("close", "errors") }
})
