/** The same requests by `vscode-jsonrpc`. */
import * as JsonRpc from "./jsonrpc.js"
import { params, report } from "./probe.js"
import * as Raw from "./raw.js"
import { measurePromises, type RequestParams } from "./requesting.js"

const connection = await JsonRpc.connect(Raw.start(), () => {})
report(await measurePromises(params<RequestParams>(), () => connection.sendRequest("thread/loaded/list", {})))
