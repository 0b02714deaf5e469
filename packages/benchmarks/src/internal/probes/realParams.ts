import { NodeCodex } from "@effect-codex/node"

/** What a probe of the real app-server is told. */
export interface RealParams {
  readonly binary: string
  readonly codexHome: string
  readonly cwd: string
}

/** The environment that an app-server or a run is started with. */
export const environment = ({ codexHome }: RealParams) => ({ CODEX_HOME: codexHome, HOME: codexHome })

/** The SDK on it. */
export const layer = ({ binary, codexHome, cwd }: RealParams) =>
  NodeCodex.layer({ binary, codexHome, cwd, env: { HOME: codexHome } })
