/**
 * A program written for `@effect/ai`, which knows nothing of codex: it needs a `LanguageModel`, and the last lines say
 * that it is codex.
 */
import { CodexLanguageModel } from "@effect-codex/ai"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import { Chat, LanguageModel, Tool, Toolkit } from "@effect/ai"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

const Weather = Toolkit.make(
  Tool.make("weather", {
    description: "The weather of a city.",
    parameters: { city: Schema.String },
    success: Schema.Struct({ celsius: Schema.Number, sky: Schema.Literal("clear", "cloudy") })
  })
)

const WeatherLive = Weather.toLayer({ weather: () => Effect.succeed({ celsius: 21, sky: "clear" as const }) })

const Plan = Schema.Struct({ activity: Schema.String, starts: Schema.DateFromString })

const program = Effect.gen(function*() {
  const chat = yield* Chat.fromPrompt([{ role: "system", content: "You plan weekends." }])

  let response = yield* chat.generateText({ prompt: "How is the weather in Rome?", toolkit: Weather })
  for (const { result } of response.toolResults) {
    yield* Console.log("weather:", JSON.stringify(result))
  }
  // Many models stop at each call, and are asked again.
  while (response.toolCalls.length > 0) {
    response = yield* chat.generateText({ prompt: [], toolkit: Weather })
  }
  yield* Console.log(response.text)

  const { value } = yield* chat.generateObject({ prompt: "Then plan something.", schema: Plan })
  yield* Console.log(`${value.starts.toISOString().slice(0, 10)}: ${value.activity}`)

  yield* LanguageModel.streamText({ prompt: "Say goodbye." }).pipe(
    Stream.filterMap((part) => part.type === "text-delta" ? Option.some(part.delta) : Option.none()),
    Stream.runForEach(Console.log)
  )
}).pipe(Effect.provide(WeatherLive))

// Without a script it would be `NodeCodex.layerExperimental()`.
const script: ScriptedModel.Script = [
  ScriptedModel.toolCall({ name: "weather", arguments: { city: "Rome" } }),
  ScriptedModel.text("It is sunny in Rome, at 21 degrees."),
  ScriptedModel.text(`{"activity":"A walk along the Tiber","starts":"2026-05-02"}`),
  ScriptedModel.text(["Good", "bye."])
]

const CodexModel = CodexLanguageModel.layer({ thread: { sandbox: "read-only" } }).pipe(
  Layer.provide(CodexTest.layerExperimental({ script }))
)

program.pipe(Effect.provide(CodexModel), NodeRuntime.runMain)
