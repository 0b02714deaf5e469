import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Mailbox from "effect/Mailbox"
import { AnswerRefused, type ConnectionClosed, EventOverflow, type EventsError, Passed } from "../../CodexError.js"
import type { Handlers, Open, PersonalKind } from "../../ServerRequests.js"
import { pass } from "./handlers.js"
import * as Questions from "./questions.js"

/** @internal */
export type Reader = Mailbox.Mailbox<Open, EventsError>

/**
 * Where the questions of a thread wait for whoever reads them as a stream. While nobody does, they are passed on.
 *
 * @internal
 */
export interface Desk {
  readonly handlers: Handlers
  /** What is open already comes first. */
  readonly add: (reader: Reader) => void
  readonly remove: (reader: Reader) => void
  readonly end: (exit: Exit.Exit<never, ConnectionClosed>) => void
}

/** @internal */
export const makeReader = (capacity: number): Effect.Effect<Reader> =>
  Mailbox.make<Open, EventsError>({ capacity, strategy: "dropping" })

/** @internal */
export const make = (capacity: number): Desk => {
  const readers = new Set<Reader>()
  const open = new Map<Open, () => void>()

  const offer = (reader: Reader, question: Open) => {
    if (!reader.unsafeOffer(question)) {
      reader.unsafeDone(Exit.fail(new EventOverflow({ capacity })))
      remove(reader)
    }
  }

  const remove = (reader: Reader) => {
    readers.delete(reader)
    if (readers.size === 0) {
      // Nobody is left who could answer.
      for (const passOn of open.values()) {
        passOn()
      }
    }
  }

  const handler = <K extends PersonalKind>(kind: K) => (question: Questions.Question<K>) =>
    Effect.suspend(() => {
      const given = Deferred.unsafeMake<Questions.Answer<K>, Passed>(FiberId.none)
      const closed = Deferred.unsafeMake<void>(FiberId.none)
      // The member of the union that belongs to the kind.
      const asked = {
        ...question,
        answer: (answer: Questions.Answer<K>) => give(kind, question, given, answer),
        decline: Effect.suspend(() => give(kind, question, given, declined[kind])),
        pass: firstOnly(question, Deferred.failSync(given, () => new Passed())),
        closed: Deferred.await(closed)
      } as Open
      const passOn = () => Deferred.unsafeDone(given, pass)
      return Effect.acquireUseRelease(
        Effect.sync(() => {
          open.set(asked, passOn)
          readers.forEach((reader) => offer(reader, asked))
        }),
        () => Effect.suspend(() => readers.size === 0 ? pass : Deferred.await(given)),
        () =>
          Effect.sync(() => {
            open.delete(asked)
            passOn()
            Deferred.unsafeDone(closed, Exit.void)
          })
      )
    })

  return {
    handlers: {
      commandApproval: handler("commandApproval"),
      fileChangeApproval: handler("fileChangeApproval"),
      permissionsApproval: handler("permissionsApproval"),
      userInput: handler("userInput"),
      elicitation: handler("elicitation"),
      legacyCommandApproval: handler("legacyCommandApproval"),
      legacyPatchApproval: handler("legacyPatchApproval")
    },
    add: (reader) => {
      readers.add(reader)
      for (const question of open.keys()) {
        offer(reader, question)
      }
    },
    remove,
    end: (exit) => {
      for (const reader of readers) {
        reader.unsafeDone(exit)
      }
    }
  }
}

const give = <K extends PersonalKind>(
  kind: K,
  question: Questions.Question<K>,
  given: Deferred.Deferred<Questions.Answer<K>, Passed>,
  answer: Questions.Answer<K>
): Effect.Effect<void, AnswerRefused> =>
  Effect.suspend(() => {
    const encoded = Questions.encode(kind, question, answer, question)
    return Either.isLeft(encoded)
      ? Effect.fail(encoded.left)
      : firstOnly(question, Deferred.succeed(given, answer))
  })

/** What comes first settles the question; what comes later is told so. */
const firstOnly = (
  { requestId }: Questions.Question<PersonalKind>,
  settle: Effect.Effect<boolean>
): Effect.Effect<void, AnswerRefused> =>
  Effect.flatMap(settle, (first) =>
    first ? Effect.void : new AnswerRefused({
      requestId,
      reason: "Closed",
      detail: "It was answered already, or is not asked any more."
    }))

const decline = { _tag: "Decline" } as const

/** What grants nothing, in each kind's own words. */
const declined: { readonly [K in PersonalKind]: Questions.Answer<K> } = {
  commandApproval: decline,
  fileChangeApproval: decline,
  permissionsApproval: decline,
  userInput: {},
  elicitation: decline,
  legacyCommandApproval: decline,
  legacyPatchApproval: decline
}
