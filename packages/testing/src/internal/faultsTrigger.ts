import type { Predicate } from "effect/Predicate"
import { PCGRandom } from "effect/Utils"
import type * as Faults from "../Faults.js"

const chooser = (trigger: Faults.Trigger): () => boolean => {
  switch (trigger._tag) {
    case "At": {
      let seen = 0
      return () => ++seen === trigger.n
    }
    case "Every": {
      let seen = 0
      return () => ++seen % trigger.n === 0
    }
    case "Seeded": {
      const random = new PCGRandom(trigger.seed)
      return () => random.number() < trigger.probability
    }
  }
}

/**
 * Has to be asked about every frame of the direction, once.
 *
 * @internal
 */
export const arm = (trigger: Faults.Trigger): Predicate<Faults.Frame> => {
  const choose = chooser(trigger)
  return (frame) => trigger.where(frame) && choose()
}
