/**
 * Who called a method, taken while the caller is still on the stack.
 *
 * @internal
 */
export interface CallSite {
  readonly stack?: string | undefined
}

/**
 * The frames above `method`, whose callers are not of this package.
 *
 * @internal
 */
export const callSite = (method: (...args: ReadonlyArray<never>) => unknown): CallSite => {
  const site = { stack: undefined }
  Error.captureStackTrace(site, method)
  return site
}

/**
 * Has an error begin its stack at the caller.
 *
 * @internal
 */
export const placedAt = <E extends Error>(error: E, { stack = "" }: CallSite): E => {
  const frames = stack.indexOf("\n    at ")
  Object.defineProperty(error, "stack", {
    value: `${error.name}: ${error.message}${frames < 0 ? "" : stack.slice(frames)}`,
    configurable: true,
    writable: true
  })
  return error
}
