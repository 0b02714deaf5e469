/** One at a time, first come, first served. */
export class Lock {
  #taken = false
  readonly #queue: Array<() => void> = []

  /** Calls `use` once it is free; where that is later, what leaves the queue is given first. */
  take(use: () => void, onQueued: (leave: () => void) => void): void {
    if (!this.#taken) {
      this.#taken = true
      return use()
    }
    this.#queue.push(use)
    onQueued(() => {
      const place = this.#queue.indexOf(use)
      if (place >= 0) {
        this.#queue.splice(place, 1)
      }
    })
  }

  /** What is done in `first` finds it free, before those that wait are looked at. */
  release(first: () => void = () => {}): void {
    this.#taken = false
    first()
    this.#next()
  }

  #next(): void {
    if (!this.#taken) {
      const use = this.#queue.shift()
      if (use !== undefined) {
        this.#taken = true
        use()
      }
    }
  }
}

/** What becomes of a request. */
export interface Outcomes {
  readonly onAccepted: (turnId: string) => void
  readonly onRefused: () => void
  readonly onClosed: () => void
  readonly onTimeout: () => void
  /** It is accepted, and nobody waits for that any more. */
  readonly onLate?: (turnId: string) => void
}

/** A request that the server has not answered. */
export interface Request extends Outcomes {
  readonly key: string
  readonly threadId: string
  /** The turn that it starts, or that it is about. */
  readonly turnId: string
  /** Whether the client still waits for the answer. */
  waiting: boolean
  /** Stops waiting. */
  readonly giveUp: () => void
  /** By which it is known on the wire, once it was seen there. */
  id: number | undefined
}

/** The time, and what the client sends. */
export class Wire {
  #now = 0
  closed = false
  /** What the client should have sent since this was last emptied. */
  sent: Array<string> = []
  /** What the server has not answered, oldest first. */
  readonly requests: Array<Request> = []
  readonly #timers: Array<{ readonly at: number; readonly fire: () => void }> = []

  /** Calls back when so much time has passed, and gives back what cancels that. */
  after(millis: number, fire: () => void): () => void {
    const timer = { at: this.#now + millis, fire }
    this.#timers.push(timer)
    return () => {
      const place = this.#timers.indexOf(timer)
      if (place >= 0) {
        this.#timers.splice(place, 1)
      }
    }
  }

  advance(millis: number): void {
    const end = this.#now + millis
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      if (next === undefined) {
        this.#now = end
        return
      }
      this.#now = next.at
      this.#timers.splice(this.#timers.indexOf(next), 1)
      next.fire()
    }
  }

  request(
    method: string,
    { threadId, turnId, subject, timeout }: {
      readonly threadId: string
      readonly turnId: string
      readonly subject: string
      readonly timeout: number
    },
    outcomes: Outcomes
  ): Request {
    const key = `${method} ${threadId} ${subject}`
    this.sent.push(key)
    const cancel = this.after(timeout, () => {
      request.waiting = false
      outcomes.onTimeout()
    })
    const request: Request = {
      ...outcomes,
      key,
      threadId,
      turnId,
      id: undefined,
      waiting: true,
      giveUp: () => {
        cancel()
        request.waiting = false
      }
    }
    this.requests.push(request)
    return request
  }

  /** The server answers. */
  answer(request: Request, acceptedAs: string | undefined): void {
    this.requests.splice(this.requests.indexOf(request), 1)
    const { waiting } = request
    request.giveUp()
    if (acceptedAs === undefined) {
      return waiting ? request.onRefused() : undefined
    }
    return waiting ? request.onAccepted(acceptedAs) : request.onLate?.(acceptedAs)
  }

  get pending(): number {
    return this.requests.filter(({ waiting }) => waiting).length
  }

  /** The end of the transport: nobody waits for anything any more. */
  close(): void {
    const waiting = this.requests.filter((request) => request.waiting)
    this.requests.length = 0
    for (const { giveUp } of waiting) {
      giveUp()
    }
    for (const { onClosed } of waiting) {
      onClosed()
    }
  }
}
