import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import * as NodeChildProcess from "node:child_process"
import { inspect } from "node:util"

const show = (value: unknown): string =>
  inspect(value, { depth: 8, showHidden: true, getters: true, maxStringLength: null, maxArrayLength: null })

/** The command lines of this program and of all its descendants. */
const commandLines = (): string => {
  const rows = NodeChildProcess.execFileSync("ps", ["-eo", "pid=,ppid=,args=", "-ww"], { encoding: "utf8" })
    .split("\n")
    .map((row) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? [])
  const family = new Set([String(process.pid)])
  for (let known = 0; known < family.size;) {
    known = family.size
    rows.filter(([, , parent = ""]) => family.has(parent)).forEach(([, pid = ""]) => family.add(pid))
  }
  return rows.filter(([, pid = ""]) => family.has(pid)).map(([, , , args]) => args).join("\n")
}

/** Everything that a program lets others see. */
export interface Emitted {
  readonly logs: Array<string>
  readonly spans: Array<string>
  readonly errors: Array<string>
  readonly metrics: Array<string>
  readonly commandLines: Array<string>
}

/** The edges of a piece of base64 that stands somewhere in a longer one depend on what is beside it. */
const base64Within = (secret: string): ReadonlyArray<string> =>
  [0, 1, 2].map((offset) =>
    Buffer.from(`${"\0".repeat(offset)}${secret}`).toString("base64").replace(/=+$/, "").slice(
      offset === 0 ? 0 : offset + 1,
      -2
    )
  )

/** A secret as it may be written: as it is, in JSON, in a URL, in base64 and in hexadecimal. */
const formsOf = (secret: string): ReadonlyArray<string> => {
  const base64 = base64Within(secret)
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    new URLSearchParams({ secret }).toString().slice("secret=".length),
    Buffer.from(secret).toString("hex"),
    ...base64,
    ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))
  ]
}

/** What of it shows the secret, in whatever form. */
export const showing = (secret: string, emitted: Emitted): ReadonlyArray<string> =>
  Object.entries(emitted).flatMap(([where, texts]) =>
    texts.filter((text: string) => formsOf(secret).some((form) => text.includes(form))).map((text: string) =>
      `${where}: ${text}`
    )
  )

/**
 * Runs a program and gathers what can be seen of it from outside: logs of every level, spans, how it failed in every
 * notation, metrics, and, each time it runs `look`, the command lines of its processes.
 */
export const gather = <A, E, R>(program: (look: Effect.Effect<void>) => Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const emitted: Emitted = { logs: [], spans: [], errors: [], metrics: [], commandLines: [] }
    const logger = Logger.make((entry) => {
      const annotations = Array.from(entry.annotations)
      emitted.logs.push(show([entry.message, annotations, Array.from(entry.spans)]), Cause.pretty(entry.cause))
    })
    const tracer = Tracer.make({
      span(name, parent, context, links, startTime, kind) {
        const attributes = new Map<string, unknown>()
        const seen: Array<unknown> = [name, attributes]
        emitted.spans.push(name)
        return {
          _tag: "Span",
          name,
          spanId: name,
          traceId: name,
          parent: Option.isSome(parent) ? parent : Option.none(),
          context,
          status: { _tag: "Started", startTime },
          attributes,
          links,
          sampled: true,
          kind,
          attribute: (key, value) => void attributes.set(key, value),
          event: (event, _at, more) => void seen.push(event, more),
          addLinks: () => {},
          end: (_at, exit) => void emitted.spans.push(show([seen, exit]))
        }
      },
      context: (f) => f()
    })
    const look = Effect.sync(() => {
      emitted.commandLines.push(commandLines())
    })
    const exit = yield* Effect.withSpan(program(look), "program").pipe(
      Effect.exit,
      Effect.withTracer(tracer),
      Effect.provide(Layer.merge(Logger.replace(Logger.defaultLogger, logger), Logger.minimumLogLevel(LogLevel.All)))
    )
    if (Exit.isFailure(exit)) {
      const error = Cause.squash(exit.cause)
      emitted.errors.push(
        Cause.pretty(exit.cause, { renderErrorCause: true }),
        show(error),
        show(exit),
        String(error),
        String(error instanceof Error ? error.stack : ""),
        JSON.stringify(exit),
        JSON.stringify(error)
      )
    }
    emitted.metrics.push(show(yield* Metric.snapshot))
    return emitted
  })
