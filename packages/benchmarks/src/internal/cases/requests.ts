import * as Effect from "effect/Effect"
import { type Case, compared, type Size } from "../figure.js"
import { rounds, run } from "../measure.js"

const amount = (size: Size) =>
  size === "full" ? { rounds: 5, count: 20_000, warmUp: 5_000 } : { rounds: 1, count: 2_000, warmUp: 1_000 }

export const requests: Case = {
  name: "requests",
  about:
    "Requests that the server answers at once (`thread/loaded/list`), after 5,000 that are not counted: 20,000 one " +
    "at a time, then 20,000 of which 64 are in flight. Raw is a map of promises by id over the same pipes, which checks " +
    "nothing of what it sends or gets.",
  run: (size) =>
    Effect.gen(function*() {
      const { rounds: count, ...params } = amount(size)
      const samples = yield* rounds(count, {
        raw: run({ file: "rawRequests", params }),
        sdk: run({ file: "requests", params }),
        vscode: run({ file: "vscodeRequests", params })
      })
      const figures = (name: "sdk" | "vscode", who: string) => {
        const common = { of: samples(name), against: { what: "raw", samples: samples("raw") } }
        const goal = (at: "most" | "least", bound: number) =>
          name === "sdk" ? { goal: { of: "ratio", at, bound } as const } : {}
        return [
          compared({
            ...common,
            name: `requests.one.${name}`,
            what: `one at a time: ${who}`,
            unit: "µs a round trip",
            key: "microsecondsOne",
            ...goal("most", 1.2)
          }),
          compared({
            ...common,
            name: `requests.one.${name}.cpu`,
            what: `one at a time: ${who}, CPU time`,
            unit: "µs of CPU a request",
            key: "cpuOne"
          }),
          compared({
            ...common,
            name: `requests.many.${name}`,
            what: `64 in flight: ${who}`,
            unit: "requests/s",
            key: "perSecondMany",
            ...goal("least", 0.5)
          })
        ]
      }
      return [...figures("sdk", "the SDK"), ...figures("vscode", "vscode-jsonrpc")]
    })
}
