import { ModelRegistry } from "./modelRegistry.js"
import { Feed, type Handle, Reader, type Stop, type Thread, type Turn, type View } from "./modelState.js"
import type { Request } from "./modelWire.js"

const deadline = 60_000
const grace = 5_000

/** How a start comes out: the turn, or what it fails with. */
type Started = { readonly turn: Turn; readonly joined: boolean } | string

/**
 * What a program should see and a server be asked, whatever happens when: a plain model of the SDK, without a fiber.
 * What the program does is here, what the server does in `ModelRegistry`.
 */
export class Model extends ModelRegistry {
  readonly handles: Array<Handle> = []
  readonly readers: Array<Reader> = []
  readonly stops: Array<Stop> = []

  start(threadId: string, whenActive: "wait" | "join" | "fail"): Handle {
    const handle: Handle = {
      name: `h${this.handles.length}`,
      threadId,
      state: "starting",
      phase: "starting",
      turn: undefined,
      joined: false,
      seen: false,
      interrupted: false,
      stopWaiting: undefined
    }
    this.handles.push(handle)
    if (this.wire.closed) {
      this.#over(handle, "ConnectionClosed")
      return handle
    }
    const thread = this.retain(threadId)
    switch (whenActive) {
      case "wait":
        thread.line.push(handle)
        handle.stopWaiting = () => {}
        if (thread.line[0] === handle) {
          this.#startOnceIdle(handle, thread)
        }
        break
      case "fail":
        if (thread.active !== undefined) {
          this.#settled(handle, thread, "TurnActive")
        } else {
          this.#exclusively(handle, thread, (done) =>
            thread.active === undefined
              ? this.#send(handle, thread, done)
              : done(this.wire.closed ? "ConnectionClosed" : "TurnActive"))
        }
        break
      case "join":
        this.#exclusively(handle, thread, (done) => this.#joinOrStart(handle, thread, done))
        break
    }
    return handle
  }

  #startOnceIdle(handle: Handle, thread: Thread): void {
    if (this.wire.closed) {
      this.#leaveLine(handle, thread, "ConnectionClosed")
    } else if (thread.active !== undefined) {
      handle.stopWaiting = thread.active.whenEnded(() => this.#startOnceIdle(handle, thread))
    } else {
      thread.starting.take(() => {
        if (thread.active === undefined) {
          this.#send(
            handle,
            thread,
            (started) => thread.starting.release(() => this.#leaveLine(handle, thread, started))
          )
        } else {
          thread.starting.release(() => this.#startOnceIdle(handle, thread))
        }
      }, (leave) => handle.stopWaiting = leave)
    }
  }

  #leaveLine(handle: Handle, thread: Thread, started: Started): void {
    const place = thread.line.indexOf(handle)
    thread.line.splice(place, 1)
    this.#settled(handle, thread, started)
    const next = thread.line[0]
    if (place === 0 && next !== undefined) {
      this.#startOnceIdle(next, thread)
    }
  }

  #exclusively(handle: Handle, thread: Thread, start: (done: (started: Started) => void) => void): void {
    thread.starting.take(() =>
      start((started) => {
        this.#settled(handle, thread, started)
        thread.starting.release()
      }), (leave) => handle.stopWaiting = leave)
  }

  /** Sends `turn/start`, which is seen to its end whoever is interrupted meanwhile. */
  #send(handle: Handle, thread: Thread, done: (started: Started) => void): void {
    handle.stopWaiting = undefined
    if (this.wire.closed) {
      return done("ConnectionClosed")
    }
    thread.expecting++
    const end = (started: () => Started) => () => {
      const result = started()
      this.unexpect(thread)
      done(result)
    }
    const turnId = `turn-${this.serverTurns.length}`
    this.serverTurns.push({ id: turnId, threadId: thread.id, status: "inProgress" })
    this.wire.request("turn/start", { threadId: thread.id, turnId, subject: handle.name, timeout: deadline }, {
      onAccepted: (id) => end(() => this.claim(thread, id))(),
      onRefused: end(() => "RequestFailed"),
      onClosed: end(() => "ConnectionClosed"),
      onTimeout: end(() => "RequestTimeout"),
      onLate: (id) => this.#stopUnowned(thread.id, id)
    })
  }

  #joinOrStart(handle: Handle, thread: Thread, done: (started: Started) => void): void {
    const { active } = thread
    if (this.wire.closed) {
      done("ConnectionClosed")
    } else if (active === undefined) {
      this.#send(handle, thread, done)
    } else {
      this.#steer(handle, active, active.begun, done)
    }
  }

  #steer(handle: Handle, active: Turn, begun: boolean, done: (started: Started) => void): void {
    const { thread } = active
    const again = () => this.#joinOrStart(handle, thread, done)
    const leave = (stop: () => void) => () => {
      stop()
      done("interrupted")
    }
    const eitherOr = (
      when: (then: () => void) => () => void,
      then: () => void,
      millis: number,
      otherwise: () => void
    ) => {
      let stop = () => {}
      const cancel = this.wire.after(millis, () => {
        stop()
        otherwise()
      })
      handle.stopWaiting = leave(() => {
        cancel()
        stop()
      })
      stop = when(() => {
        cancel()
        then()
      })
    }
    const awaitEnd = () => eitherOr((then) => active.whenEnded(then), again, 1_000, () => done("RequestFailed"))
    if (this.wire.closed) {
      return done("ConnectionClosed")
    }
    const request = this.wire.request(
      "turn/steer",
      { threadId: thread.id, turnId: active.id, subject: `${active.id} ${handle.name}`, timeout: deadline },
      {
        onAccepted: () => {
          this.hold(active)
          done({ turn: active, joined: true })
        },
        onRefused: begun ? awaitEnd : () =>
          eitherOr(
            (then) => active.whenBegun(then),
            () => this.#steer(handle, active, true, done),
            deadline,
            awaitEnd
          ),
        onClosed: () => done("ConnectionClosed"),
        onTimeout: () => done("RequestTimeout")
      }
    )
    handle.stopWaiting = leave(request.giveUp)
  }

  #settled(handle: Handle, thread: Thread, started: Started): void {
    this.release(thread)
    handle.stopWaiting = undefined
    if (typeof started === "string") {
      return this.#over(handle, handle.interrupted ? "interrupted" : started)
    }
    handle.turn = started.turn
    handle.joined = started.joined
    if (handle.interrupted) {
      return this.#close(handle, "interrupted")
    }
    handle.phase = "started"
    handle.seen = true
    handle.state = started.joined ? `${started.turn.id}, joined` : started.turn.id
    if (!started.joined) {
      this.#watchBeginning(handle, started.turn)
    }
  }

  #watchBeginning(handle: Handle, turn: Turn): void {
    this.wire.after(10_000, () => {
      if (handle.phase === "started" && !turn.begun && !this.wire.closed) {
        this.check(turn)
        this.#watchBeginning(handle, turn)
      }
    })
  }

  interruptFiber(handle: Handle): void {
    if (handle.phase === "started") {
      this.#close(handle, "interrupted")
    } else if (handle.phase === "starting") {
      handle.interrupted = true
      const thread = this.threads.get(handle.threadId)
      const stop = handle.stopWaiting
      if (thread !== undefined && stop !== undefined) {
        handle.stopWaiting = undefined
        stop()
        if (handle.phase === "starting") {
          if (thread.line.includes(handle)) {
            this.#leaveLine(handle, thread, "interrupted")
          } else {
            this.#settled(handle, thread, "interrupted")
          }
        }
      }
    }
  }

  closeScope(handle: Handle): void {
    this.#close(handle, "closed")
  }

  #close(handle: Handle, outcome: string): void {
    const { joined, turn } = handle
    handle.phase = "closing"
    if (turn === undefined || joined || !turn.owned || turn.exit !== undefined) {
      return this.#over(handle, outcome)
    }
    this.#askToStop(turn.thread.id, turn.id, turn, (ended) => {
      if (!ended) {
        this.abandon(turn)
      }
      this.#over(handle, outcome)
    })
  }

  #over(handle: Handle, outcome: string): void {
    handle.phase = "over"
    handle.state = outcome
  }

  detach({ joined, turn }: Handle): void {
    if (turn !== undefined && !joined) {
      turn.owned = false
    }
  }

  stopTurn(turn: Turn): Stop {
    const stop: Stop = { name: `stop ${this.stops.length} of ${turn.id}`, outcome: undefined }
    this.stops.push(stop)
    const report = () => turn.exit === "ConnectionClosed" ? "ConnectionClosed" : "TurnResult"
    if (turn.exit !== undefined) {
      stop.outcome = report()
    } else {
      this.#askToStop(turn.thread.id, turn.id, turn, (ended) => stop.outcome = ended ? report() : "InterruptTimeout")
    }
    return stop
  }

  /** Asks until it is accepted, and waits for the end of the turn, where that is waited for. */
  #askToStop(threadId: string, turnId: string, turn: Turn | undefined, done: (ended: boolean) => void): void {
    let request: Request | undefined
    let cancelRetry = () => {}
    let forgetEnd = () => {}
    const finish = (ended: boolean) => {
      cancel()
      cancelRetry()
      forgetEnd()
      request?.giveUp()
      done(ended)
    }
    const cancel = this.wire.after(grace, () => finish(false))
    const accepted = () => turn === undefined ? finish(true) : undefined
    const send = () => {
      if (this.wire.closed) {
        return accepted()
      }
      request = this.wire.request("turn/interrupt", { threadId, turnId, subject: turnId, timeout: grace }, {
        onAccepted: accepted,
        onRefused: () => cancelRetry = this.wire.after(50, send),
        onClosed: accepted,
        onTimeout: accepted
      })
    }
    send()
    forgetEnd = turn?.whenEnded(() => finish(true)) ?? (() => {})
  }

  /** A turn that is accepted when nobody waits for it any more. */
  #stopUnowned(threadId: string, turnId: string): void {
    const thread = this.retain(threadId)
    const done = () => {
      thread.starting.release()
      this.release(thread)
    }
    thread.starting.take(
      () =>
        this.wire.closed || this.turns.get(turnId)?.role === "open"
          ? done()
          : this.#askToStop(threadId, turnId, undefined, done),
      () => {}
    )
  }

  // readers

  subscribe({ joined, name, turn }: Handle & { readonly turn: Turn }, view: Exclude<View, "thread">): Reader {
    const feed = turn.subscribe(view, joined)
    return this.#read(`${view} of ${name}`, feed, () => turn.feeds.delete(feed))
  }

  watch(threadId: string): Reader {
    const feed = new Feed("thread")
    if (this.wire.closed) {
      feed.end("ConnectionClosed")
      return this.#read(threadId, feed, () => {})
    }
    const thread = this.retain(threadId)
    thread.feeds.add(feed)
    return this.#read(threadId, feed, () => {
      thread.feeds.delete(feed)
      this.release(thread)
    })
  }

  #read(of: string, feed: Feed, stop: () => void): Reader {
    const reader = new Reader(`reader ${this.readers.length} of ${of}`, feed, stop)
    this.readers.push(reader)
    return reader
  }
}
