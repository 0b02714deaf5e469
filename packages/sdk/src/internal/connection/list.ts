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
    return Stream.paginateChunkEffect(
      params?.cursor ?? null,
      (cursor: unknown) =>
        Effect.map(ask(method, { ...params, cursor }, options), ({ data, nextCursor }) => [
          Chunk.fromIterable(data),
          // A cursor that does not move would be asked for for ever.
          typeof nextCursor === "string" && nextCursor !== cursor ? Option.some(nextCursor) : Option.none()
        ])
    )
  }
