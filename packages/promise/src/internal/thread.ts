import type { ExperimentalApi } from "@effect-codex/sdk/AppServer"
import { InvalidParams } from "@effect-codex/sdk/CodexError"
import { ServerRequests } from "@effect-codex/sdk/ServerRequests"
import type * as Sdk from "@effect-codex/sdk/Thread"
import type { Tool } from "@effect-codex/sdk/Tool"
import type * as SdkTurn from "@effect-codex/sdk/Turn"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as Stream from "effect/Stream"
import type { Opened, OpenThreadOptions, Thread } from "../Thread.js"
import type { RunOptions } from "../Turn.js"
import { type CallSite, callSite } from "./callSite.js"
import * as Events from "./events.js"
import * as Handlers from "./handlers.js"
import { toPublic } from "./serverEvent.js"
import * as Session from "./session.js"
import { toSchema } from "./standardSchema.js"
import * as Stop from "./stop.js"
import * as Tools from "./tools.js"
import * as Turn from "./turn.js"

/** The options of a turn as the SDK has them. */
const toSdk = (
  { handlers: _, maxDurationMs, signal: __, stallTimeoutMs, timeoutMs, whenActive, ...options }: RunOptions,
  interruptWhen: Effect.Effect<void>
): SdkTurn.LimitedOptions => ({
  ...options,
  timeout: timeoutMs,
  stallTimeout: stallTimeoutMs,
  maxDuration: maxDurationMs,
  interruptWhen,
  // Limits and joining do not go together, which the SDK says by an error where it is not its compiler that does.
  whenActive: whenActive as SdkTurn.LimitedOptions["whenActive"]
})

/** @internal */
export const make = (session: Session.Session, thread: Sdk.Thread): Thread => {
  const run: Thread["run"] = (input, options = {}) => {
    const stop = Stop.make()
    return Session.call(
      session,
      callSite(run),
      Handlers.provide(thread.run(input, toSdk(options, stop.interruptWhen)), options.handlers),
      { signal: options.signal, stop }
    )
  }
  const runAs: Thread["runAs"] = (schema, input, { repair, ...options } = {}) => {
    const stop = Stop.make()
    return Session.call(
      session,
      callSite(runAs),
      Either.mapLeft(
        toSchema(schema),
        (issue) => new InvalidParams({ method: "turn/start", issue: `outputSchema: ${issue}` })
      )
        .pipe(Effect.flatMap((schema) =>
          Handlers.provide(
            thread.runAs(schema, input, { ...toSdk(options, stop.interruptWhen), repair }),
            options.handlers
          )
        )),
      { signal: options.signal, stop }
    )
  }
  const stream: Thread["stream"] = (input, options = {}) => {
    const stop = Stop.make()
    const events = thread.stream(input, toSdk(options, stop.interruptWhen))
    return Events.make(
      session,
      callSite(stream),
      options.handlers === undefined
        ? events
        : Stream.provideService(events, ServerRequests, Handlers.toSdk(options.handlers)),
      { signal: options.signal, stop, toPublic }
    )
  }
  const startTurn: Thread["startTurn"] = (input, options = {}) => {
    const { handlers: _, signal: __, stallTimeoutMs, timeoutMs, ...rest } = options
    return Turn.start(
      session,
      callSite(startTurn),
      (interruptWhen) =>
        Handlers.provide(
          thread.startTurn(input, { ...rest, timeout: timeoutMs, stallTimeout: stallTimeoutMs, interruptWhen }),
          options.handlers
        ),
      options
    )
  }
  const read: Thread["read"] = ({ signal, ...options } = {}) =>
    Session.call(session, callSite(read), thread.read(options), { signal })
  const turns: Thread["turns"] = ({ signal, ...options } = {}) =>
    Events.make(session, callSite(turns), thread.turns(options), { signal, toPublic: identity })
  const items: Thread["items"] = ({ signal, ...options } = {}) =>
    Events.make(session, callSite(items), thread.items(options), { signal, toPublic: identity })
  const setName: Thread["setName"] = (name, options) =>
    Session.call(session, callSite(setName), thread.setName(name), options)
  const compact: Thread["compact"] = (options) => Session.call(session, callSite(compact), thread.compact, options)
  const review: Thread["review"] = (target, options) =>
    Session.call(session, callSite(review), thread.review(target), options)
  const shellCommand: Thread["shellCommand"] = (command, { signal, ...options } = {}) =>
    Session.call(session, callSite(shellCommand), thread.shellCommand(command, options), { signal })
  const pursue: Thread["pursue"] = (objective, { signal, ...options } = {}) =>
    Session.call(session, callSite(pursue), thread.goal.run(objective, options), { signal })
  const archive: Thread["archive"] = (options) => Session.call(session, callSite(archive), thread.archive, options)
  const unarchive: Thread["unarchive"] = (options) =>
    Session.call(session, callSite(unarchive), thread.unarchive, options)
  const unsubscribe: Thread["unsubscribe"] = (options) =>
    Session.call(session, callSite(unsubscribe), thread.unsubscribe, options)
  const events: Thread["events"] = (options) =>
    Events.make(session, callSite(events), thread.events, { ...options, toPublic })

  return {
    id: thread.id,
    run,
    runAs,
    stream,
    startTurn,
    read,
    turns,
    items,
    setName,
    compact,
    review,
    shellCommand,
    pursue,
    archive,
    unarchive,
    unsubscribe,
    events
  }
}

/**
 * Opens a thread with its tools and its handlers.
 *
 * @internal
 */
export const open = async <Options extends OpenThreadOptions, Info, E>(
  session: Session.Session,
  at: CallSite,
  method: string,
  { handlers, signal, tools, ...options }: Options,
  begin: (
    params: Omit<Options, keyof OpenThreadOptions> & { readonly tools: ReadonlyArray<Tool> | undefined }
  ) => Effect.Effect<Sdk.Opened<Info>, E, ExperimentalApi>
): Promise<Opened<Info>> => {
  const beginWith = (tools: ReadonlyArray<Tool> | undefined) =>
    Session.experimental(Handlers.provide(begin({ ...options, tools }), handlers))
  const opened = await Session.call(
    session,
    at,
    tools === undefined ? beginWith(undefined) : Effect.flatMap(Tools.toSdk(method, tools), beginWith),
    { signal }
  )
  return { ...make(session, opened), info: opened.info }
}
