/**
 * Deadlines, bounds and client identity, with defaults that suit most programs.
 *
 * @since 0.1.0
 */
import type { ServerNotifications } from "@effect-codex/protocol/ServerNotifications"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Policy } from "./Delivery.js"
import type { MethodOf } from "./TurnEvent.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** How this program names itself to the server. */
  readonly clientName: string
  readonly clientTitle: string | null
  readonly clientVersion: string
  /** How long a request waits for its answer. Default 60 seconds. */
  readonly requestTimeout: Duration.DurationInput
  /** How long the handshake waits for its answer. Default 30 seconds. */
  readonly initializeTimeout: Duration.DurationInput
  /** How long an interrupted turn may take to end on the server. Default 5 seconds. */
  readonly interruptGrace: Duration.DurationInput
  /** How long a turn may be silent, as `stallTimeout` of `TurnOptions` says. Default: for ever. */
  readonly stallTimeout: Duration.DurationInput
  /**
   * How many requests may wait for their answers at once; who asks for one more is refused with `TooManyRequests`. What
   * ends something, such as the interruption of a turn, is still sent then, up to twice as many. Default 4,096.
   */
  readonly maxPendingRequests: number
  /** How many events wait for a slow reader before `delivery` says what happens. Default 4,096. */
  readonly eventCapacity: number
  /** What happens then, unless the reader chooses with `Delivery.withPolicy`. Default `coalesce`. */
  readonly delivery: Policy
  /** How many turns are kept for a thread until the answer says which one was started. Default 64. */
  readonly earlyTurns: number
  /**
   * How many questions of the server may be open at once. Further ones are asked of no handler: they are answered with
   * what grants nothing, and counted by `AppServer.stats`. Default 1,024.
   */
  readonly openQuestions: number
  /**
   * Whether spans carry what turns are given and what they answer, and the debug log lines that are no message. Without
   * it neither says anything of what was asked, answered or run. Default `false`.
   */
  readonly recordContent: boolean
  /** Notifications that the server shall not send. */
  readonly optOutNotifications: ReadonlyArray<OptionalNotification>
}

/**
 * The notifications that a program can do without. The SDK needs the others.
 *
 * @since 0.1.0
 * @category models
 */
export type OptionalNotification = Exclude<
  keyof ServerNotifications,
  | MethodOf<"operation">
  | "item/agentMessage/delta"
  | "item/completed"
  | "item/started"
  | "serverRequest/resolved"
  | "thread/status/changed"
  | "thread/tokenUsage/updated"
  | "turn/completed"
  | "turn/started"
>

/**
 * @since 0.1.0
 * @category defaults
 */
export const defaults: Options = {
  clientName: "effect-codex",
  clientTitle: null,
  clientVersion: "0.0.0",
  requestTimeout: Duration.seconds(60),
  initializeTimeout: Duration.seconds(30),
  interruptGrace: Duration.seconds(5),
  stallTimeout: Duration.infinity,
  maxPendingRequests: 4096,
  eventCapacity: 4096,
  delivery: "coalesce",
  earlyTurns: 64,
  openQuestions: 1024,
  recordContent: false,
  optOutNotifications: []
}

/**
 * The configuration of a connection. A program that provides none gets `defaults`.
 *
 * @since 0.1.0
 * @category services
 */
export class CodexConfig extends Context.Reference<CodexConfig>()("@effect-codex/sdk/CodexConfig", {
  defaultValue: (): Options => defaults
}) {}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Partial<Options>): Layer.Layer<CodexConfig> =>
  Layer.succeed(CodexConfig, { ...defaults, ...options })

/**
 * Takes what is given from the program's `Config`, for example
 * `layerConfig({ requestTimeout: Config.duration("CODEX_REQUEST_TIMEOUT") })`, and the defaults for the rest.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Config.Config.Wrap<Partial<Options>>
): Layer.Layer<CodexConfig, ConfigError.ConfigError> =>
  Layer.effect(
    CodexConfig,
    Effect.map(Config.unwrap(options), (given) => ({ ...defaults, ...given }))
  )
