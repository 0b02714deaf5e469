/** What the model says to the blocks of the documentation that are run: it repeats what it hears, unless a block needs more. */
import { ScriptedModel } from "@effect-codex/testing"

/** By how the user's words begin. */
const answers = {
  // Goes on until somebody has seen enough.
  "Write a long story about a lighthouse.": () =>
    ScriptedModel.text(["The lamp had burned ", "for a hundred and nine years ", ScriptedModel.hang]),
  "Write a novel.": () => ScriptedModel.text(["It was ", "a dark ", "and stormy night, ", ScriptedModel.hang]),
  "Let it be about a cat instead.": () => ScriptedModel.text(["The cat ", "was called Ida."]),
  "Review the last commit.": () =>
    ScriptedModel.text(JSON.stringify({ verdict: "change", problems: [{ file: "a.ts", line: 1 }] })),
  "Review the last change.": () => ScriptedModel.text(JSON.stringify({ verdict: "merge", problems: [] })),
  "Tidy up.": ({ toolOutputs }) =>
    toolOutputs.length === 0
      ? ScriptedModel.toolCall({
        name: "exec_command",
        arguments: {
          cmd: "git status",
          login: false,
          sandbox_permissions: "require_escalated",
          justification: "To see what there is."
        }
      })
      : ScriptedModel.text("It is tidy."),
  "Name the open tasks.": () => ScriptedModel.text([`{"value":["docs",`, `"tests"]}`]),
  "Name two planets.": () => ScriptedModel.text(["Mars", " and Venus."]),
  "How many kettles do we have?": ({ toolOutputs }) =>
    toolOutputs.length === 0
      ? ScriptedModel.toolCall({ name: "stock_of", arguments: { article: "kettle" } })
      : ScriptedModel.text(`There are ${JSON.parse(toolOutputs[0].text).pieces} kettles.`),
  "Divide by zero.": () => ScriptedModel.fail({ message: "It cannot be done." })
}

export const script = (request) => {
  const found = Object.entries(answers).find(([begin]) => request.userText.startsWith(begin))
  return found === undefined ? ScriptedModel.echo(request) : found[1](request)
}
