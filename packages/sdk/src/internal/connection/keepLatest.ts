/**
 * Bounds what is remembered: where there is more, the oldest give way.
 *
 * @internal
 */
export const keepLatest = <K>(
  collection: { readonly size: number; keys(): Iterable<K>; delete(key: K): boolean },
  bound: number,
  onDrop?: (oldest: K) => void
): void => {
  for (const oldest of collection.keys()) {
    if (collection.size <= bound) {
      return
    }
    collection.delete(oldest)
    onDrop?.(oldest)
  }
}
