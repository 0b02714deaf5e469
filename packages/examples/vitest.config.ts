import { mergeConfig } from "vitest/config"
import shared, { posix } from "../../vitest.shared.js"

export default mergeConfig(shared, {
  test: { name: "examples", exclude: posix("!(quickstart.program)") }
})
