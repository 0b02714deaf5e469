import * as Effect from "effect/Effect"

/** Says what the test looks at, and waits until it has done so. */
export const ready = (said: unknown): Effect.Effect<void> =>
  Effect.async((resume) => {
    process.stdin.resume().once("end", () => resume(Effect.void))
    process.stdout.write(`${JSON.stringify(said)}\n`)
  })
