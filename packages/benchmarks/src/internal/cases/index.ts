import type { Case } from "../figure.js"
import { fullPath } from "./fullPath.js"
import { oneByOne } from "./oneByOne.js"
import { openTurns } from "./openTurns.js"
import { requests } from "./requests.js"
import { turnsHeap } from "./turnsHeap.js"
import { unread } from "./unread.js"

/** In the order of the page. */
export const cases: ReadonlyArray<Case> = [fullPath, oneByOne, requests, openTurns, unread, turnsHeap]
