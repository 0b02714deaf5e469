import { ScriptedModel } from "@effect-codex/testing"

const words = (text: string): ReadonlyArray<string> => text.split(/(?<= )/)

const say = (text: string, usage: { readonly inputTokens: number; readonly outputTokens: number }) =>
  ScriptedModel.text(words(text), { delay: "25 millis" }).pipe(ScriptedModel.withUsage(usage))

const tides = say(
  "The Moon pulls hardest on the side of the Earth that faces it, and the water there rises towards it. On the far " +
    "side the pull is weakest, so the water is left a little behind, and that makes a second bulge. The Earth turns " +
    "under both of them once a day, and so most coasts see two high tides, about twelve and a half hours apart.",
  { inputTokens: 1904, outputTokens: 71 }
)

const garden = say(
  "Pick a bed that has sun for at least six hours a day and water nearby. Loosen the soil to the depth of a spade, " +
    "take out the roots of the grass, and dig in a good layer of compost. Begin with what forgives mistakes: beans, " +
    "courgettes, potatoes. Sow in rows, and leave a path between them that is wide enough for a wheelbarrow.",
  { inputTokens: 1897, outputTokens: 74 }
)

const balcony = say(
  "A balcony to the north changes the plan: forget the bed, and take deep pots near the railing. Grow leaves rather " +
    "than fruit. Lettuce, spinach, chives and mint are content with bright shade.",
  { inputTokens: 1949, outputTokens: 42 }
)

const novel = say(
  "The lamp had burned for a hundred and nine years before the night on which it went out by itself. Ida heard it " +
    "before she saw it, the silence where the clockwork had been, and she lay still and counted to forty, as her " +
    "father had taught her, before she put her feet on the cold boards. From the gallery the sea was one dark thing " +
    "with the sky. Somewhere in it was the mail boat, two hours late already, with eleven people on board who were " +
    "looking for a light. She had oil, she had matches, and she had, as far as she knew, until the boat reached the " +
    "reef. What she did not have was the key. It hung where it always hung, on the nail beside the barometer, in the " +
    "house at the other end of the causeway, and the tide was in.",
  { inputTokens: 1911, outputTokens: 168 }
)

/** What the scripted model answers to the quickstart: it looks at the latest message of the user. */
export const script: ScriptedModel.Script = ({ userText }) => {
  if (userText.includes("balcony")) {
    return balcony
  }
  if (userText.includes("garden")) {
    return garden
  }
  return userText.includes("tides") ? tides : novel
}
