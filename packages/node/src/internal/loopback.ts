import * as Dns from "node:dns"
import * as Net from "node:net"

const loopback = new Net.BlockList()
loopback.addSubnet("127.0.0.0", 8, "ipv4")
loopback.addAddress("::1", "ipv6")

const isLoopback = ({ address, family }: Dns.LookupAddress): boolean =>
  loopback.check(address, family === 6 ? "ipv6" : "ipv4")

/**
 * Resolves a name to addresses of this machine only: to the resolver `localhost` is a name like any other, and what is
 * meant for this machine must not follow it elsewhere.
 *
 * @internal
 */
export const lookupLoopback: Net.LookupFunction = (hostname, options, callback) => {
  Dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const own = error === null ? addresses.filter(isLoopback) : []
    const [first] = own
    if (first === undefined) {
      callback(error ?? new Error(`${hostname} does not resolve to a loopback address`), "", 0)
    } else if (options.all === true) {
      callback(null, own)
    } else {
      callback(null, first.address, first.family)
    }
  })
}
