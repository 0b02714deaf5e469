import type * as Server from "@effect-codex/protocol/Server"
import type { Stats } from "@effect-codex/sdk/AppServer"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { differences } from "./transcript/difference.js"
import { isObject } from "./transcript/json.js"

/** As the runners know it: they show the difference of its `actual` and `expected`. */
class AssertionError extends Error {
  override readonly name = "AssertionError"
  readonly actual: unknown
  readonly expected: unknown
  constructor(message: string, actual: unknown, expected: unknown) {
    super(message)
    this.actual = actual
    this.expected = expected
  }
}

type Pattern = string | { readonly [member: string]: unknown }

/** As much of a value as the pattern speaks of. */
const project = (value: unknown, pattern: unknown): unknown => {
  if (Array.isArray(pattern) && Array.isArray(value)) {
    return value.map((element, index) => index < pattern.length ? project(element, pattern[index]) : element)
  }
  return isObject(pattern) && isObject(value)
    ? Object.fromEntries(Object.keys(pattern).map((name) => [name, project(value[name], pattern[name])]))
    : value
}

const nameOf = (key: string, value: unknown): unknown => isObject(value) ? value[key] : undefined

const isLike = (key: string, value: unknown, pattern: Pattern): boolean =>
  typeof pattern === "string"
    ? nameOf(key, value) === pattern
    : differences(pattern, project(value, pattern)).length === 0

const shorten = (text: string): string => text.length > 200 ? `${text.slice(0, 200)}…` : text

const show = (pattern: Pattern): string => typeof pattern === "string" ? pattern : shorten(JSON.stringify(pattern))

/** The value as far as the pattern that it should have been like speaks of it. */
const likewise = (key: string, value: unknown, pattern: Pattern | undefined): unknown =>
  pattern === undefined || typeof pattern === "string" || nameOf(key, pattern) !== nameOf(key, value)
    ? nameOf(key, value)
    : project(value, pattern)

/** Equal names in a row in one line. */
const inRuns = (names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const runs: Array<{ readonly name: string; times: number }> = []
  for (const name of names) {
    const last = runs.at(-1)
    if (last?.name === name) {
      last.times++
    } else {
      runs.push({ name, times: 1 })
    }
  }
  return runs.map(({ name, times }) => times === 1 ? name : `${name} (${times} times)`)
}

/** @internal */
export const events = (actual: ReadonlyArray<{ readonly _tag: string }>, expected: ReadonlyArray<Pattern>): void => {
  let from = 0
  for (const [index, pattern] of expected.entries()) {
    const found = actual.findIndex((event, at) => at >= from && isLike("_tag", event, pattern))
    if (found < 0) {
      const rest = inRuns(actual.slice(from).map(({ _tag }) => _tag))
      const alike = typeof pattern === "string"
        ? []
        : actual.slice(from).filter(({ _tag }) => _tag === pattern["_tag"]).slice(0, 3)
      throw new AssertionError(
        [
          index === 0
            ? `There is no event ${show(pattern)}.`
            : `There is no event ${show(pattern)} after ${expected.slice(0, index).map(show).join(", ")}.`,
          ...alike.map((event) => `Close to it: ${shorten(JSON.stringify(project(event, pattern)))}`),
          rest.length === 0 ? "No more events came." : `What came${index === 0 ? "" : " after these"}:`,
          ...rest.map((line) => `  ${line}`)
        ].join("\n"),
        actual.map(({ _tag }) => _tag),
        expected
      )
    }
    from = found + 1
  }
}

const sequence = (
  what: string,
  key: string,
  actual: ReadonlyArray<unknown>,
  expected: ReadonlyArray<Pattern>
): void => {
  const alike = actual.length === expected.length &&
    expected.every((pattern, index) => isLike(key, actual[index], pattern))
  if (!alike) {
    const shown = actual.map((value, index) => likewise(key, value, expected[index]))
    throw new AssertionError(
      [
        `${what} are others.`,
        "expected:",
        ...expected.map((pattern) => `  ${show(pattern)}`),
        "actual:",
        ...shown.map((value) => `  ${typeof value === "string" ? value : shorten(JSON.stringify(value))}`)
      ].join("\n"),
      shown,
      expected
    )
  }
}

/** @internal */
export const items = (actual: ReadonlyArray<Server.ThreadItem>, expected: ReadonlyArray<Pattern>): void =>
  sequence("The items of the turn", "type", actual, expected)

/** @internal */
export const turns = (actual: ReadonlyArray<Server.Turn>, expected: ReadonlyArray<string>): void =>
  sequence("The turns of the thread", "status", actual, expected)

/** @internal */
export const failsWith = <A, E extends { readonly _tag: string }, R, T extends E["_tag"]>(
  effect: Effect.Effect<A, E, R>,
  tag: T
): Effect.Effect<Extract<E, { readonly _tag: T }>, never, R> =>
  Effect.flatMap(Effect.exit(effect), (exit) => {
    if (Exit.isSuccess(exit)) {
      return Effect.die(
        new AssertionError(
          `It should have failed with ${tag}, and succeeded with ${shorten(JSON.stringify(exit.value) ?? "undefined")}`,
          "success",
          tag
        )
      )
    }
    const failure = Cause.failureOption(exit.cause)
    if (failure._tag === "Some" && isTagged<E, T>(failure.value, tag)) {
      return Effect.succeed(failure.value)
    }
    return Effect.die(
      new AssertionError(
        `It should have failed with ${tag}, and failed otherwise:\n${Cause.pretty(exit.cause)}`,
        failure._tag === "Some" ? failure.value._tag : "no failure",
        tag
      )
    )
  })

const isTagged = <E extends { readonly _tag: string }, T extends E["_tag"]>(
  error: E,
  tag: T
): error is Extract<E, { readonly _tag: T }> => error._tag === tag

/** @internal */
export const idle = ({ operations, pendingRequests, serverRequests, threads, turns }: Stats): void => {
  const open = Object.entries({ operations, pendingRequests, serverRequests, threads, turns })
    .filter(([, count]) => count > 0)
  if (open.length > 0) {
    throw new AssertionError(
      `Something is open on the connection: ${open.map(([name, count]) => `${count} ${name}`).join(", ")}`,
      Object.fromEntries(open),
      {}
    )
  }
}
