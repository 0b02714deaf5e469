import { writeFileSync } from "node:fs"

/**
 * Writes tstyche's own counts to the file that `CHECK_COUNTS` names, because its summary is made for eyes only.
 */
export default class CountsReporter {
  on([event, payload]) {
    const file = process.env.CHECK_COUNTS
    if (event !== "run:end" || file === undefined) return
    const { fileCounts, testCounts } = payload.result
    writeFileSync(file, JSON.stringify({ fileCounts, testCounts }))
  }
}
