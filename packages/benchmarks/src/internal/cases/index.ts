import type { Case } from "../figure.js"
import { coldStart } from "./coldStart.js"
import { compiling } from "./compile.js"
import { firstDelta } from "./firstDelta.js"
import { fullPath } from "./fullPath.js"
import { manyTurns } from "./manyTurns.js"
import { oneByOne } from "./oneByOne.js"
import { openTurns } from "./openTurns.js"
import { requests } from "./requests.js"
import { turnsHeap } from "./turnsHeap.js"
import { unread } from "./unread.js"

/** In the order of the page. */
export const cases: ReadonlyArray<Case> = [
  fullPath,
  oneByOne,
  requests,
  openTurns,
  firstDelta,
  manyTurns,
  unread,
  turnsHeap,
  coldStart,
  compiling
]
