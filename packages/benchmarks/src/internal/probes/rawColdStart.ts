/** A raw client from its start to the same answer, after it has imported what it is told. */
import { cpuTime, params, report } from "./probe.js"
import * as Raw from "./raw.js"
import * as RawClient from "./rawClient.js"

const { modules } = params<{ readonly modules: string }>()
await import(modules)
const client = RawClient.make(Raw.start(), () => {})
await RawClient.initialize(client)
await client.request("thread/loaded/list")
report({ milliseconds: performance.now(), cpu: cpuTime() / 1_000 })
