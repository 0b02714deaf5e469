/**
 * Text that comes in very many small pieces. A string that each piece is added to would keep a node a piece, many times
 * the size of the text; here they are joined by the thousand.
 *
 * @internal
 */
export interface Text {
  readonly add: (piece: string) => void
  readonly toString: () => string
}

const piecesAtOnce = 64

/** @internal */
export const make = (first: string): Text => {
  let text = first
  let pieces: Array<string> = []
  const join = () => {
    text += pieces.join("")
    pieces = []
  }
  return {
    add(piece) {
      if (pieces.push(piece) >= piecesAtOnce) {
        join()
      }
    },
    toString() {
      join()
      return text
    }
  }
}
