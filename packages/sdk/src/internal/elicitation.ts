import type * as Elicitation from "../Elicitation.js"
import type { ElicitationRequest } from "../ServerRequests.js"

/**
 * Why a form does not take an answer, or `undefined` where it does.
 *
 * @internal
 */
export const problem = (_request: ElicitationRequest, _answer: Elicitation.Answer): string | undefined => undefined

/** @internal */
export const toWire = (answer: Elicitation.Answer) => {
  switch (answer._tag) {
    case "Accept":
      return { action: "accept", content: answer.content ?? null }
    case "Decline":
      return { action: "decline" }
    case "Cancel":
      return { action: "cancel" }
  }
}
