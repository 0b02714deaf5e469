import { createRequire } from "node:module"

/**
 * Whether the optional package is installed and its native part can be loaded. Where it is not, the test of the example
 * is not registered: a line says so.
 */
export const isInstalled = (): boolean => {
  try {
    const client = createRequire(import.meta.url).resolve("@effect/sql-sqlite-node")
    const Sqlite = createRequire(client)("better-sqlite3")
    new Sqlite(":memory:").close()
    return true
  } catch (cause) {
    console.log(`The example \`database\` is not tried: @effect/sql-sqlite-node is not usable here (${cause}).`)
    return false
  }
}
