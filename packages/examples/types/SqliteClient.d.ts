/**
 * As much of `@effect/sql-sqlite-node/SqliteClient` as the example `database` uses. The package is an optional
 * dependency, since it has a native part; where it could not be installed, `tsconfig.src.json` falls back on this.
 */
import type { SqlClient } from "@effect/sql/SqlClient"
import type { ConfigError } from "effect/ConfigError"
import type { Layer } from "effect/Layer"

export declare const layer: (config: { readonly filename: string }) => Layer<SqlClient, ConfigError>
