/** The same requests by promises over lines. */
import { params, report } from "./probe.js"
import * as Raw from "./raw.js"
import * as RawClient from "./rawClient.js"
import { measurePromises, type RequestParams } from "./requesting.js"

const client = RawClient.make(Raw.start(), () => {})
await RawClient.initialize(client)
report(await measurePromises(params<RequestParams>(), () => client.request("thread/loaded/list")))
