/** Prints the address of every module that a program loads: `node --import listModules.js PROGRAM`. */
import { writeSync } from "node:fs"
import * as NodeModule from "node:module"
import { isMainThread } from "node:worker_threads"

type Load = (url: string, context: object, next: (url: string, context: object) => unknown) => unknown

export const load: Load = (url, context, next) => {
  writeSync(1, `${url}\n`)
  return next(url, context)
}

// Hooks run in a thread of their own, which loads this module once more.
if (isMainThread) {
  NodeModule.register(import.meta.url)
}
