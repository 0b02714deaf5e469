/** The least program of Effect, to compile. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

Stream.make("hello").pipe(Stream.runForEach(Console.log), Effect.runFork)
