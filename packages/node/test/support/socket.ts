import { WebSocketTransport } from "@effect-codex/node"

/** A connection to a server of the test, which may not say farewell. */
export const open = (url: string, options?: Partial<WebSocketTransport.Options>) =>
  WebSocketTransport.make({ url, closeGrace: "100 millis", ...options })
