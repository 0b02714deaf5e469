import { assert, describe, it } from "@effect/vitest"
import * as LineSplitter from "../src/internal/lineSplitter.js"

const split = (chunks: Iterable<Buffer>, maxBytes = 1024 * 1024) => {
  const dropped: Array<number> = []
  const splitter = LineSplitter.make({ maxBytes, onDropped: (bytes) => dropped.push(bytes) })
  const lines = Array.from(chunks).flatMap((chunk) => splitter.push(chunk))
  return { lines, rest: splitter.flush(), dropped }
}

const cutEvery = (bytes: Buffer, size: number): Array<Buffer> =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))

describe("lineSplitter", () => {
  it("gives the same lines wherever the bytes are cut", () => {
    const lines = ["{\"a\":1}", "ünïcödé €", "\u{1F600}\u{1F469}\u200D\u{1F680}", "x".repeat(70), "\uFEFFbom"]
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""))
    for (let size = 1; size <= bytes.length; size++) {
      assert.deepStrictEqual(split(cutEvery(bytes, size)).lines, lines)
    }
  })

  it("strips one carriage return and skips empty lines", () => {
    assert.deepStrictEqual(split(cutEvery(Buffer.from("\n\r\na\r\n\n\r\nb\r\r\n"), 1)).lines, ["a", "b\r"])
    assert.deepStrictEqual(split([Buffer.from("\n\r\na\r\n\n\r\nb\r\r\n")]).lines, ["a", "b\r"])
  })

  it("keeps an unterminated line for the end of the stream", () => {
    const { lines, rest } = split([Buffer.from("a\nb"), Buffer.from("c")])
    assert.deepStrictEqual(lines, ["a"])
    assert.deepStrictEqual(rest, ["bc"])
  })

  it("drops a line beyond the bound, in one chunk or in many, and goes on with the next", () => {
    const bytes = Buffer.from(`ok\n${"x".repeat(11)}\nfits-in-it\n${"y".repeat(5000)}\nend\n`)
    for (const size of [1, 4, 7, bytes.length]) {
      const { dropped, lines } = split(cutEvery(bytes, size), 10)
      assert.deepStrictEqual(lines, ["ok", "fits-in-it", "end"])
      assert.deepStrictEqual(dropped, [11, 5000])
    }
  })

  it("joins a line of more pieces than it keeps apart", () => {
    const line = "0123456789".repeat(1000)
    assert.deepStrictEqual(split(cutEvery(Buffer.from(`${line}\n`), 1)).lines, [line])
  })
})
