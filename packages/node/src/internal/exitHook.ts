// The last resort when the whole program goes down: one listener, however many processes there are, so that Node does
// not take them for a leak of listeners.
const running = new Set<() => void>()

const killAll = (): void => running.forEach((kill) => kill())

/**
 * Has `kill` called when the program exits; what it answers takes that back.
 *
 * @internal
 */
export const onExit = (kill: () => void): () => void => {
  if (running.size === 0) {
    process.on("exit", killAll)
  }
  running.add(kill)
  return () => {
    running.delete(kill)
    if (running.size === 0) {
      process.off("exit", killAll)
    }
  }
}
