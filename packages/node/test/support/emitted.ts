import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import * as NodeChildProcess from "node:child_process"
import { inspect } from "node:util"

const show = (value: unknown): string => inspect(value, { depth: 8, showHidden: false, maxStringLength: null })

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
  readonly commandLines: Array<string>
}

/**
 * Runs a program and gathers what can be seen of it from outside: logs of every level, spans, how it failed in every
 * notation, and, each time it runs `look`, the command lines of its processes.
 */
export const gather = <A, E, R>(program: (look: Effect.Effect<void>) => Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const emitted: Emitted = { logs: [], spans: [], errors: [], commandLines: [] }
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
        String(error),
        JSON.stringify(exit.cause),
        JSON.stringify(error)
      )
    }
    return emitted
  })
