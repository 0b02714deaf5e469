import type { Message } from "@effect-codex/testing/MemoryTransport"
import { assert } from "@effect/vitest"
import type { Command } from "./command.js"
import { Model } from "./model.js"
import type { Event, Handle, Question, Reader, ServerTurn } from "./modelState.js"
import type { Request } from "./modelWire.js"
import { Program } from "./program.js"
import { asTurn, keyOf, member } from "./words.js"

const threads = ["thread-0", "thread-1"] as const

const threadOf = (index: number) => index === 0 ? threads[0] : threads[1]

const pick = <A>(all: ReadonlyArray<A>, index: number): A | undefined =>
  all.length === 0 ? undefined : all[all.length - 1 - index % all.length]

/** One schedule, played to a program on the SDK and to the model. After each step both have to agree. */
export class Play {
  readonly #model = new Model()
  readonly #program = new Program()
  /** What has been done, for whoever reads of a failure. */
  readonly #log: Array<string> = []
  #said = 0
  #sent: Array<string> = []

  play(commands: ReadonlyArray<Command>): void {
    try {
      commands.forEach((command) => this.#do(command))
      this.#end()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new Error([...this.#log.map((line, i) => `${String(i + 1).padStart(4)}. ${line}`), why].join("\n"))
    }
  }

  #step(what: string, ...moves: ReadonlyArray<() => void>): void {
    this.#log.push(what)
    moves.forEach((move) => move())
    this.#settle()
    this.#compare()
  }

  /** Lets the program go on, and answers what a server answers at once. */
  readonly #settle = (): void => {
    for (;;) {
      const messages = this.#program.sent()
      if (messages.length === 0) {
        return
      }
      messages.forEach((message) => this.#see(message))
    }
  }

  #see(message: Message): void {
    const { id, method, params } = message
    const key = keyOf(message)
    this.#sent.push(key)
    if (method === "thread/turns/list" && typeof id === "number") {
      const threadId = member(params, "threadId")
      const data = this.#model.serverTurns.filter((turn) => turn.threadId === threadId).map(asTurn).reverse()
      this.#program.answer(id, { data, nextCursor: null })
    } else if (typeof id === "number" && method !== undefined) {
      const request = this.#model.wire.requests.find((request) => request.key === key && request.id === undefined)
      if (request !== undefined) {
        request.id = id
      }
    }
  }

  #compare(): void {
    const model = this.#model
    const predicted = {
      sent: model.wire.sent.splice(0).sort(),
      holds: model.sizes,
      handles: model.handles.map(({ name, state }) => `${name}: ${state}`),
      results: model.handles.map(({ name, seen, turn }) => `${name}: ${seen ? turn?.exit ?? "waits" : "no turn"}`),
      stops: model.stops.map(({ name, outcome }) => `${name}: ${outcome ?? "waits"}`),
      readers: model.readers.map(({ name, reading, state }) => ({ name, ...(reading ? state : { stopped: true }) }))
    }
    const actual = {
      sent: this.#sent.splice(0).sort(),
      holds: this.#program.holds,
      handles: this.#program.handles.map((handle, i) => `${model.handles[i]?.name}: ${handle.state}`),
      results: this.#program.handles.map(({ result }, i) => `${model.handles[i]?.name}: ${result}`),
      stops: this.#program.stops.map((stop, i) => `${model.stops[i]?.name}: ${stop.outcome ?? "waits"}`),
      readers: this.#program.readers.map(({ state }, i) => ({
        name: model.readers[i]?.name,
        ...(model.readers[i]?.reading === true ? state : { stopped: true })
      }))
    }
    for (const what of ["sent", "handles", "results", "stops", "readers", "holds"] as const) {
      const [is, should] = [JSON.stringify(actual[what]), JSON.stringify(predicted[what])]
      if (is !== should) {
        assert.fail(`${what}: the model predicts\n  ${should}\nand it is\n  ${is}`)
      }
    }
  }

  #do(command: Command): void {
    const model = this.#model
    const started = () => model.handles.filter(({ phase }) => phase === "started")
    const withTurn = () => model.handles.filter(hasTurn)
    switch (command._tag) {
      case "Start":
        return this.#start(threadOf(command.thread), command.whenActive)
      case "InterruptFiber": {
        const handle = pick(
          model.handles.filter(({ phase }) => phase === "starting" || phase === "started"),
          command.handle
        )
        return handle && this.#interruptFiber(handle)
      }
      case "CloseScope": {
        const handle = pick(started(), command.handle)
        return handle && this.#closeScope(handle)
      }
      case "StopTurn": {
        const handle = pick(withTurn(), command.handle)
        return handle && this.#step(
          `${handle.turn.id} is stopped by ${handle.name}`,
          () => model.stopTurn(handle.turn),
          () => this.#program.stopTurn(model.handles.indexOf(handle))
        )
      }
      case "Detach": {
        const handle = pick(started(), command.handle)
        return handle && this.#step(
          `${handle.name} detaches its turn`,
          () => model.detach(handle),
          () => this.#program.detach(model.handles.indexOf(handle))
        )
      }
      case "Subscribe": {
        const handle = pick(withTurn(), command.handle)
        return handle && this.#step(
          `reader ${model.readers.length} reads ${command.view} of ${handle.turn.id} by ${handle.name}`,
          () => model.subscribe(handle, command.view),
          () => this.#program.subscribe(model.handles.indexOf(handle), command.view)
        )
      }
      case "Watch": {
        const threadId = threadOf(command.thread)
        return this.#step(
          `reader ${model.readers.length} reads the events of ${threadId}`,
          () => model.watch(threadId),
          () => this.#program.watch(threadId)
        )
      }
      case "Read": {
        const reader = pick(model.readers.filter(({ reading }) => reading), command.reader)
        return reader && this.#step(
          `${reader.name} may read ${command.events} more`,
          () => reader.demand += command.events,
          () => this.#program.read(model.readers.indexOf(reader), command.events)
        )
      }
      case "Unsubscribe": {
        const reader = pick(model.readers.filter(({ reading }) => reading), command.reader)
        return reader && this.#unsubscribe(reader)
      }
      case "Advance":
        return this.#advance(command.millis)
      default:
        return model.wire.closed ? undefined : this.#serve(command)
    }
  }

  /** What the server does. */
  #serve(command: Command): void {
    const model = this.#model
    switch (command._tag) {
      case "Answer": {
        const request = pick(model.wire.requests, command.request)
        return request && this.#answer(request, command.how)
      }
      case "ForeignTurn": {
        const id = `turn-${model.serverTurns.length}`
        const threadId = threadOf(command.thread)
        model.serverTurns.push({ id, threadId, status: "inProgress" })
        return this.#say(id, "started")
      }
      case "Event": {
        const turn = pick(model.serverTurns, command.turn)
        return turn && this.#say(turn.id, command.kind)
      }
      case "Complete": {
        const turn = pick(model.serverTurns.filter(({ status }) => status === "inProgress"), command.turn)
        if (turn !== undefined) {
          turn.status = command.status
          if (command.lost) {
            this.#log.push(`${turn.id} is ${command.status} on the server, which is not told`)
          } else {
            this.#say(turn.id, "completed")
          }
        }
        return
      }
      case "Status": {
        const threadId = threadOf(command.thread)
        return this.#step(
          `${threadId} is ${command.status}`,
          () => model.notifyStatus(threadId, command.status),
          () => this.#program.notifyStatus(threadId, command.status)
        )
      }
      case "Ask": {
        const turn = pick(model.serverTurns, command.turn)
        return turn && this.#ask(turn)
      }
      case "AnswerQuestion": {
        const question = pick(Array.from(model.questions).filter(({ answered }) => !answered), command.question)
        return question && this.#step(
          `the program answers ${question.id}`,
          () => {
            question.answered = true
            model.answerWhereAsked(question)
          },
          () => this.#program.answerQuestion(question.id)
        )
      }
      case "ResolveQuestion": {
        const question = pick(Array.from(model.questions), command.question)
        return question && this.#resolve(question)
      }
      case "EndTransport":
        return this.#step("the transport ends", () => model.close(), () => this.#program.endTransport())
    }
  }

  #start(threadId: string, whenActive: "wait" | "join" | "fail"): void {
    this.#step(
      `h${this.#model.handles.length} starts a turn on ${threadId}, whenActive ${whenActive}`,
      () => this.#model.start(threadId, whenActive),
      () => this.#program.start(threadId, `h${this.#program.handles.length}`, whenActive)
    )
  }

  #interruptFiber(handle: Handle): void {
    this.#step(
      `the fiber of ${handle.name} is interrupted`,
      () => this.#model.interruptFiber(handle),
      () => this.#program.interrupt(this.#model.handles.indexOf(handle))
    )
  }

  #closeScope(handle: Handle): void {
    this.#step(
      `the scope of ${handle.name} closes`,
      () => this.#model.closeScope(handle),
      () => this.#program.leave(this.#model.handles.indexOf(handle))
    )
  }

  #unsubscribe(reader: Reader): void {
    this.#step(
      `${reader.name} stops`,
      () => {
        if (reader.state.ending === undefined) {
          reader.stop()
        }
        reader.reading = false
      },
      () => this.#program.unsubscribe(this.#model.readers.indexOf(reader))
    )
  }

  #advance(millis: number): void {
    this.#step(
      `${millis} ms pass`,
      () => this.#model.wire.advance(millis),
      () => this.#program.advance(millis, this.#settle)
    )
  }

  #answer(request: Request, how: "accept" | "refuse" | "acceptAsOther"): void {
    const { id, key, threadId, turnId } = request
    if (id === undefined) {
      throw new Error(`${key} was not sent`)
    }
    const other = how === "acceptAsOther" && key.startsWith("turn/start")
      ? pick(
        this.#model.serverTurns.filter((turn) =>
          turn.threadId === threadId && turn.id !== turnId && turn.status === "inProgress"
        ),
        0
      )
      : undefined
    const accepted = how === "refuse" ? undefined : other?.id ?? turnId
    this.#step(
      `the server ${accepted === undefined ? "refuses" : `accepts as ${accepted}`}: ${key}`,
      () => this.#model.wire.answer(request, accepted),
      () =>
        accepted === undefined
          ? this.#program.refuse(id)
          : this.#program.answer(id, {
            turn: asTurn({ id: accepted, threadId, status: "inProgress" }),
            turnId: accepted
          })
    )
  }

  #say(turnId: string, kind: Event["kind"]): void {
    const { status, threadId } = this.#model.serverTurn(turnId)
    const text = kind === "started"
      ? turnId
      : kind === "completed"
      ? `${turnId} ${status}`
      : `${turnId}, word ${++this.#said}`
    this.#step(
      `the server says: ${kind} ${text}`,
      () => this.#model.notifyTurn(threadId, turnId, { kind, text }),
      () => this.#program.notify(threadId, asTurn({ id: turnId, threadId, status }), kind, text)
    )
  }

  #ask(turn: ServerTurn): void {
    const id = `question-${this.#said++}`
    this.#step(
      `${id} is asked by ${turn.id}`,
      () =>
        this.#model.ask({
          id,
          threadId: turn.threadId,
          turnId: turn.id,
          asked: false,
          answered: false,
          leaveQueue: () => {}
        }),
      () => this.#program.ask(id, turn)
    )
  }

  #resolve(question: Question): void {
    this.#step(
      `${question.id} is resolved`,
      () => {
        this.#model.threads.get(question.threadId)?.feeds.forEach((feed) =>
          feed.offer({ kind: "resolved", text: question.id })
        )
        this.#model.endQuestion(question)
      },
      () => this.#program.resolve(question.id, question.threadId)
    )
  }

  /** Brings everything to its end: then nothing may be left of it. */
  #end(): void {
    const model = this.#model
    for (const handle of model.handles) {
      if (handle.phase === "starting") {
        this.#interruptFiber(handle)
      } else if (handle.phase === "started") {
        this.#closeScope(handle)
      }
    }
    model.readers.filter(({ reading }) => reading).forEach((reader) => this.#unsubscribe(reader))
    if (!model.wire.closed) {
      model.questions.forEach((question) => this.#resolve(question))
      for (const turn of model.serverTurns) {
        turn.status = turn.status === "inProgress" ? "completed" : turn.status
        this.#say(turn.id, "completed")
      }
    }
    while (model.wire.pending > 0) {
      this.#advance(60_000)
    }
    this.#advance(60_000)
    assert.deepStrictEqual(
      this.#program.holds,
      { pendingRequests: 0, turns: 0, threads: 0, serverRequests: 0 },
      "what is held once everything has ended"
    )
    assert.strictEqual(this.#program.sleeping, 0, "sleeps that are under way once everything has ended")
    this.#program.close()
    assert.deepStrictEqual(this.#program.fibersLeft, [], "fibers that are left once the Layer is closed")
  }
}

const hasTurn = <H extends Handle>(handle: H): handle is H & { readonly turn: NonNullable<Handle["turn"]> } =>
  handle.seen && handle.turn !== undefined
