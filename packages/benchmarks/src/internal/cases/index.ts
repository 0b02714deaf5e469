import type { Case } from "../figure.js"
import { fullPath } from "./fullPath.js"

export const cases: ReadonlyArray<Case> = [fullPath]
