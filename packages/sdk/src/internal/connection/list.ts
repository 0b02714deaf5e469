import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as AppServer from "../../AppServer.js"
import type { RequestError } from "../../CodexError.js"
import type { Handle } from "./connection.js"

interface Page<A> {
  readonly data: ReadonlyArray<A>
  readonly nextCursor?: string | null
}

type Ask<M extends AppServer.PagedMethod> = (
  method: M,
  params: object,
  options: AppServer.RequestOptions | undefined
) => Effect.Effect<Page<AppServer.Element<M>>, RequestError, AppServer.Requires<M>>

/**
 * The typed listing of a connection.
 *
 * @internal
 */
export const make =
  (request: Handle["request"]): AppServer.Service["list"] =>
  <M extends AppServer.PagedMethod>(method: M, ...args: AppServer.ListArgs<M>) => {
    const [params, options] = args
    // That params and result of such a method have this shape is how PagedMethod is made, which the compiler cannot
    // follow while the method is not known.
    const ask = request as Ask<M>
    return Stream.suspend(() => {
      const comesRound = makeComesRound()
      return Stream.paginateChunkEffect(
        params?.cursor ?? null,
        (cursor: unknown) =>
          Effect.map(ask(method, { ...params, cursor }, options), ({ data, nextCursor }) => [
            Chunk.fromIterable(data),
            // Cursors that do not move, or go round in a circle, would be asked for for ever.
            typeof nextCursor === "string" && nextCursor !== cursor && !comesRound(nextCursor)
              ? Option.some(nextCursor)
              : Option.none()
          ])
      )
    })
  }

/** Tells a circle by one cursor that is kept, each for twice as long as the one before (Brent's algorithm). */
const makeComesRound = () => {
  let kept: string | undefined
  let steps = 0
  let patience = 1
  return (cursor: string): boolean => {
    if (cursor === kept) {
      return true
    }
    if (++steps === patience) {
      kept = cursor
      steps = 0
      patience *= 2
    }
    return false
  }
}
