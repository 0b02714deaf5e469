import type { Feed } from "./modelState.js"
import { type Ending, type Event, type Question, type ServerTurn, type Thread, Turn } from "./modelState.js"
import { Lock, Wire } from "./modelWire.js"

const endings = { completed: "completed", interrupted: "TurnInterrupted", failed: "TurnFailed" } as const

export type EndStatus = keyof typeof endings

/** What the registry knows, and what the server's notifications do to it. */
export class ModelRegistry {
  readonly wire = new Wire()
  readonly threads = new Map<string, Thread>()
  readonly turns = new Map<string, Turn>()
  readonly questions = new Set<Question>()
  readonly serverTurns: Array<ServerTurn> = []
  /** The turns that are looked for, and whether there was another sign that they are over. */
  readonly looking = new Map<Turn, boolean>()

  retain(id: string): Thread {
    const thread = this.threads.get(id) ?? {
      id,
      users: 0,
      line: [],
      starting: new Lock(),
      expecting: 0,
      early: new Map<string, Turn>(),
      active: undefined,
      lastEnded: undefined,
      feeds: new Set<Feed>()
    }
    thread.users++
    this.threads.set(id, thread)
    return thread
  }

  release(thread: Thread): void {
    if (--thread.users === 0) {
      if (thread.active !== undefined) {
        this.drop(thread.active)
      }
      this.threads.delete(thread.id)
    }
  }

  // what the server says

  notifyTurn(threadId: string, turnId: string, event: Event): void {
    const thread = this.threads.get(threadId)
    thread?.feeds.forEach((feed) => feed.offer(event))
    const ended = event.kind === "completed"
    if (ended) {
      this.endQuestions(turnId)
    }
    const before = thread?.active
    const started = event.kind === "started"
    const turn = this.turns.get(turnId) ?? (thread === undefined ? undefined : this.observe(thread, turnId, started))
    if (turn === undefined) {
      return
    }
    if (!started) {
      if (!turn.begun) {
        turn.begin()
      }
    } else {
      if (before !== undefined && before !== turn && before.role === "open") {
        this.readBack(before)
      }
      turn.begin()
      if (turn.exit === undefined) {
        this.activate(turn)
      }
    }
    if (turn.role !== "foreign") {
      turn.feeds.forEach((feed) => feed.offer(event))
    }
    if (ended && turn.exit === undefined) {
      const status = this.serverTurn(turnId).status
      this.end(turn, status === "inProgress" ? "completed" : status, event)
    }
  }

  notifyStatus(threadId: string, status: "active" | "idle"): void {
    const thread = this.threads.get(threadId)
    thread?.feeds.forEach((feed) => feed.offer({ kind: "status", text: status }))
    const active = thread?.active
    if (status === "idle" && active?.role === "foreign") {
      this.dropEnded(active)
    } else if (status === "idle" && active !== undefined) {
      this.readBack(active)
    }
  }

  serverTurn(id: string): ServerTurn {
    const turn = this.serverTurns.find((turn) => turn.id === id)
    if (turn === undefined) {
      throw new Error(`the server has no ${id}`)
    }
    return turn
  }

  // turns

  observe(thread: Thread, turnId: string, started: boolean): Turn | undefined {
    const early = thread.early.get(turnId)
    if (early !== undefined || turnId === thread.lastEnded) {
      return early
    }
    if (thread.expecting === 0) {
      return started ? this.activate(new Turn(turnId, thread, "foreign")) : undefined
    }
    const turn = new Turn(turnId, thread, "early")
    thread.early.set(turnId, turn)
    this.turns.set(turnId, turn)
    return turn
  }

  activate(turn: Turn): Turn {
    const previous = turn.thread.active
    turn.thread.active = turn
    this.turns.set(turn.id, turn)
    if (previous !== undefined && previous !== turn && previous.role === "foreign") {
      this.dropEnded(previous)
    }
    return turn
  }

  hold(turn: Turn): void {
    if (turn.role !== "open") {
      turn.role = "open"
      if (turn.exit === undefined) {
        turn.thread.users++
        this.activate(turn)
      }
    }
  }

  claim(thread: Thread, turnId: string): { readonly turn: Turn; readonly joined: boolean } {
    const known = this.turns.get(turnId)
    if (known !== undefined && known.role !== "early") {
      this.hold(known)
      return { turn: known, joined: true }
    }
    const turn = thread.early.get(turnId) ?? new Turn(turnId, thread, "early")
    thread.early.delete(turnId)
    turn.owned = true
    this.hold(turn)
    return { turn, joined: false }
  }

  /** A start is answered, or given up. */
  unexpect(thread: Thread): void {
    if (--thread.expecting > 0) {
      return
    }
    const unclaimed = Array.from(thread.early.values())
    thread.early.clear()
    for (const turn of unclaimed) {
      if (thread.active === turn) {
        turn.forget()
      } else {
        this.drop(turn)
      }
    }
  }

  end(turn: Turn, status: EndStatus, completion: Event): void {
    this.finish(turn, endings[status], completion)
  }

  /** Its end does not come. */
  abandon(turn: Turn): void {
    this.finish(turn, "TurnInterrupted", undefined)
  }

  finish(turn: Turn, ending: Ending, completion: Event | undefined): void {
    const held = turn.role === "open" && turn.exit === undefined
    turn.thread.lastEnded = turn.id
    turn.end(ending, completion)
    this.remove(turn)
    if (held) {
      this.release(turn.thread)
    }
    this.endQuestions(turn.id)
    turn.tellEnded()
  }

  drop(turn: Turn): void {
    this.remove(turn)
    turn.end("TurnInterrupted", undefined)
    turn.tellEnded()
  }

  dropEnded(turn: Turn): void {
    this.endQuestions(turn.id)
    this.drop(turn)
  }

  remove(turn: Turn): void {
    if (this.turns.get(turn.id) === turn) {
      this.turns.delete(turn.id)
    }
    if (turn.thread.active === turn) {
      turn.thread.active = undefined
    }
  }

  // completions that do not come

  /** One look at a time, and another one where there was a sign meanwhile. */
  readBack(turn: Turn): void {
    const isLooking = this.looking.has(turn)
    this.looking.set(turn, isLooking)
    if (!isLooking) {
      this.look(turn)
    }
  }

  look(turn: Turn): void {
    this.looking.set(turn, false)
    this.wire.after(1_000, () => {
      if (turn.exit === undefined) {
        this.check(turn)
      }
      if (turn.exit === undefined && this.looking.get(turn) === true) {
        this.look(turn)
      } else {
        this.looking.delete(turn)
      }
    })
  }

  check(turn: Turn): void {
    this.wire.sent.push(`thread/turns/list ${turn.thread.id}`)
    const { status } = this.serverTurn(turn.id)
    if (status !== "inProgress") {
      const completion = { kind: "completed", text: `${turn.id} ${status}` } as const
      turn.feeds.forEach((feed) => feed.offer(completion))
      this.end(turn, status, completion)
    }
  }

  // questions

  ask(question: Question): void {
    this.questions.add(question)
    const asked = () => {
      question.asked = true
      this.answerWhereAsked(question)
    }
    const thread = this.threads.get(question.threadId)
    if (thread !== undefined && thread.expecting > 0 && this.turns.get(question.turnId)?.role !== "open") {
      thread.starting.take(
        () => thread.starting.release(asked),
        (leave) => question.leaveQueue = leave
      )
    } else {
      asked()
    }
  }

  answerWhereAsked(question: Question): void {
    if (question.asked && question.answered && this.questions.delete(question)) {
      this.wire.sent.push(`answer ${question.id}`)
    }
  }

  endQuestions(turnId: string): void {
    for (const question of this.questions) {
      if (question.turnId === turnId) {
        this.endQuestion(question)
      }
    }
  }

  endQuestion(question: Question): void {
    question.leaveQueue()
    this.questions.delete(question)
  }

  // the end

  close(): void {
    if (this.wire.closed) {
      return
    }
    this.wire.closed = true
    for (const question of this.questions) {
      this.endQuestion(question)
    }
    const turns = Array.from(this.turns.values())
    turns.forEach((turn) => turn.end("ConnectionClosed", undefined))
    for (const thread of this.threads.values()) {
      thread.feeds.forEach((feed) => feed.end("ConnectionClosed"))
    }
    this.wire.close()
    turns.forEach((turn) => turn.tellEnded())
  }

  get sizes() {
    return this.wire.closed ? { pendingRequests: 0, turns: 0, threads: 0, serverRequests: 0 } : {
      pendingRequests: this.wire.pending,
      turns: this.turns.size,
      threads: this.threads.size,
      serverRequests: this.questions.size
    }
  }
}
