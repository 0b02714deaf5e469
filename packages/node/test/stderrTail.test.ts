import { assert, describe, it } from "@effect/vitest"
import * as Redact from "../src/internal/redact.js"
import * as StderrTail from "../src/internal/stderrTail.js"

describe("redact", () => {
  const redact = Redact.make({
    environments: [
      { OPENAI_API_KEY: "plain-looking-value", MY_PASSWORD: "a.b*c(d)e", HOME: "/home/someone", SHORT_TOKEN: "no" },
      { PEM_SECRET: "first-line-of-it\nsecond-line-of-it", LONGER_KEY: "plain-looking-value-and-more" }
    ],
    secrets: ["hush", "over two\nlines", ""]
  })

  it("hides API keys, bearer tokens and JSON web tokens", () => {
    assert.strictEqual(redact("key sk-proj-abc_DEF-123456 used"), "key [redacted] used")
    assert.strictEqual(redact("authorization: bearer abc.def"), "authorization: bearer [redacted]")
    assert.strictEqual(redact("{\"t\":\"eyJhbGciOiJI.eyJzdWIiOiIx.c2ln-x\"}"), "{\"t\":\"[redacted]\"}")
  })

  it("hides the values of variables with secret names, the longer ones whole", () => {
    assert.strictEqual(redact("got plain-looking-value!"), "got [redacted]!")
    assert.strictEqual(redact("got plain-looking-value-and-more!"), "got [redacted]!")
    assert.strictEqual(redact("got a.b*c(d)e"), "got [redacted]")
    assert.strictEqual(redact("x second-line-of-it"), "x [redacted]")
  })

  it("hides what is given as a secret, however short", () => {
    assert.strictEqual(redact("say hush, lines"), "say [redacted], [redacted]")
  })

  it("leaves the rest as it is", () => {
    assert.strictEqual(redact("no secret in /home/someone"), "no secret in /home/someone")
  })
})

describe("what is learned to be secret", () => {
  it("is taken out from then on, of which the latest 64 are known", () => {
    const { learn, redact } = Redact.learning()
    assert.strictEqual(redact("token-0"), "token-0")
    learn(["token-0"])
    learn(Array.from({ length: 63 }, (_, index) => `other-${index}`))
    assert.strictEqual(redact("token-0, other-62"), "[redacted], [redacted]")
    learn(["token-0", "the last"])
    assert.strictEqual(redact("token-0, the last, other-0"), "[redacted], [redacted], other-0")
  })
})

describe("stderrTail", () => {
  it("keeps the last whole lines within its bound", () => {
    const tail = StderrTail.make({ maxBytes: 12, redact: (line) => line })
    assert.deepStrictEqual(tail.push(Buffer.from("first\nsecond\nthi")), ["first", "second"])
    assert.deepStrictEqual(tail.push(Buffer.from("rd\nun")), ["third"])
    assert.strictEqual(tail.text(), "third\nun")
  })

  it("leaves colours out, also from inside of a secret", () => {
    const tail = StderrTail.make({ maxBytes: 100, redact: Redact.make({ environments: [{ API_KEY: "very-secret" }] }) })
    tail.push(Buffer.from("\u001b[2m12:00\u001b[0m \u001b[31mERROR\u001b[0m very-\u001b[1msecret\n"))
    assert.strictEqual(tail.text(), "12:00 ERROR [redacted]")
  })

  it("names a line that is longer than its bound instead of cutting it", () => {
    const tail = StderrTail.make({ maxBytes: 50, redact: (line) => line })
    tail.push(Buffer.from(`${"x".repeat(500)}\nend\n`))
    assert.strictEqual(tail.text(), "[a line of 500 bytes left out]\nend")
  })
})
