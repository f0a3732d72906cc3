import { isBorrowedStatus } from '../event/exception.js'
import { newId } from '../event/id.js'
import { LIMITS } from '../event/limits.js'
import type { Outcome } from '../event/schema.js'
import { cut } from '../event/text.js'
import { printed } from '../log.js'
import { LANE } from '../queue/queue.js'
import { ask } from './ask.js'
import type { Untold } from './backlog.js'
import type { Thread } from './context.js'
import { one, pathOf, type RequestHeaders, refusesTracking, traceIdOf } from './facts.js'
import { isDisconnect, lendsStatus } from './fault.js'
import type { HttpContext } from './http.js'
import { type RequestEnding, type RequestIdentity, requestEvent } from './http-event.js'
import type { RequestRecord, RouteControl } from './request.js'
import { NO_SOCKET, openSocket, type SocketRecord } from './socket.js'
import { captureError, captureEvent, type Surroundings } from './verbs.js'
import type { Visitor } from './visitor.js'

const SWITCHING_PROTOCOLS = 101

/** One request from its arrival to its end; whatever happens it becomes exactly one request event. */
export class HttpRecord<R> implements RequestRecord, Untold {
  readonly #context: HttpContext<R>
  readonly #request: R
  readonly #start: number
  #began: number | undefined
  #madeId: string | undefined
  readonly #method: string
  readonly #url: string
  readonly #headers: RequestHeaders
  /** Read now: a socket that is gone has no address. */
  readonly #address: string | undefined
  #guestRoute: (() => string | undefined) | undefined
  #control: RouteControl | undefined
  #user: string | null | undefined
  #ended = false
  #status: number | null = null
  #outcome: Outcome = 'ok'
  #duration = 0
  /** By the route itself, or by the `ignore` option. */
  #leftOut = false
  #errors: unknown[] | undefined
  #failedAt = 0
  /** Errors reported by hand. */
  #reported: unknown[] | undefined

  constructor(context: HttpContext<R>, request: R, start: number = performance.now()) {
    const { reader, settings } = context
    this.#start = start
    this.#context = context
    this.#request = request
    this.#method = reader.method(request)
    this.#url = reader.url(request)
    this.#headers = reader.headers(request)
    this.#address = settings.visitor === true ? reader.address(request) : undefined
  }

  get ended(): boolean {
    return this.#ended
  }

  /** When it began, in milliseconds since 1970. Told when it is first asked for, which many a request never is. */
  get #time(): number {
    this.#began ??= Date.now() - Math.round(performance.now() - this.#start)
    return this.#began
  }

  get #id(): string {
    this.#madeId ??= newId(this.#time)
    return this.#madeId
  }

  capture(event: string, properties?: Record<string, unknown>): void {
    const { intake, reader } = this.#context
    const user_id = this.#whoseUser()
    const own = { request_id: this.#id, ...(user_id !== null && { user_id }) }
    captureEvent(intake, reader.sdk, event, properties, own)
  }

  captureException(error: unknown, properties?: Record<string, unknown>): void {
    const { intake, reader } = this.#context
    this.#reported ??= []
    this.#reported.push(error)
    intake.guard(() =>
      captureError(intake, error, {
        sdk: reader.sdk,
        mechanism: 'manual',
        surroundings: this.#surroundings(this.#identify(), performance.now()),
        custom: properties,
      }),
    )
  }

  setUser(id: string | number | bigint | null): void {
    this.#user = this.#asUser(id)
  }

  thread(): Thread {
    const { intake } = this.#context
    const trace = traceIdOf(one(this.#headers.traceparent))
    const user = this.#whoseUser()
    const visitor = this.#visitor(this.#userAgent())?.id
    const { release } = intake.settings
    return {
      request_id: this.#id,
      ...(trace !== undefined && { trace_id: trace }),
      ...(user !== null && { user_id: user }),
      ...(visitor !== undefined && { visitor_id: visitor }),
      ...(release !== undefined && { release }),
    }
  }

  fail(error: unknown): void {
    if (this.#ended) return
    if (!this.#errors) {
      this.#errors = []
      this.#failedAt = performance.now()
    }
    if (!this.#errors.includes(error)) this.#errors.push(error)
  }

  control(control: RouteControl): void {
    this.#control = control
  }

  /** Where another adapter on the same request looks for its route. */
  routeFrom(route: () => string | undefined): void {
    this.#guestRoute = route
  }

  end(status: number | null, outcome: Outcome): void {
    if (this.#ended) return
    this.#ended = true
    this.#status = status
    this.#outcome = outcome
    this.#duration = performance.now() - this.#start
    const { backlog } = this.#context.intake
    if (backlog && this.#isPlain) {
      backlog.add(this)
      return
    }
    backlog?.clear()
    this.tell()
  }

  /** What went wrong is told at once: nobody knows how long the process goes on. */
  get #isPlain(): boolean {
    return (
      this.#outcome === 'ok' &&
      this.#status !== null &&
      this.#status < 500 &&
      this.#status !== SWITCHING_PROTOCOLS &&
      this.#errors === undefined &&
      this.#reported === undefined
    )
  }

  tell(): void {
    try {
      this.#tell()
    } catch (error) {
      this.#context.intake.warn(`could not tell of a request: ${printed(error)}`)
    }
  }

  upgrade(): SocketRecord {
    this.end(SWITCHING_PROTOCOLS, 'ok')
    if (this.#leftOut) return NO_SOCKET
    const { intake, reader } = this.#context
    return openSocket({
      tell: (event, properties) =>
        intake.guard(() => {
          const { method, duration_ms, ...who } = this.#surroundings(this.#identify(), this.#start)
          captureEvent(intake, reader.sdk, event, undefined, { ...who, ...properties })
        }),
      report: error => intake.guard(() => this.#reportOfSocket(error)),
    })
  }

  #tell(): void {
    const status = this.#status
    const outcome = this.#outcome
    const duration = this.#duration
    const { intake, ignore, reader, takeRequest } = this.#context
    const control =
      this.#control ?? (reader.control && this.#ask('route', () => reader.control?.(this.#request)))
    const path = pathOf(this.#url)
    if (control === false || (ignore && this.#ask('ignore', () => ignore(path, this.#request)))) {
      this.#leftOut = true
      return
    }
    const fault = this.#fault(status, outcome)
    const failed =
      fault !== undefined ||
      this.#reported !== undefined ||
      outcome === 'stream_error' ||
      (status !== null && status >= 500)
    if (!failed && Math.random() >= intake.settings.sampleRate) {
      intake.skip('sampled')
      return
    }
    const identity = this.#identify(path)
    const ending: RequestEnding = { time: this.#time, status, outcome, duration, failed, control }
    const event = requestEvent(this.#context, this.#request, this.#url, this.#headers, identity, ending)
    takeRequest(event, failed ? LANE.other : LANE.healthy)
    if (fault) this.#report(fault, identity, status)
  }

  /** The final status decides, after the framework's own error handling; not the error. */
  #fault(status: number | null, outcome: Outcome): { error: unknown; borrowed: boolean } | undefined {
    if (!this.#errors) return undefined
    // The last one made the answer; those before it are told among its causes.
    const error = this.#errors.at(-1)
    if (outcome === 'client_abort' && isDisconnect(error)) return undefined
    const failed = status === null || status >= 500 || outcome === 'stream_error'
    const borrowed = !failed && lendsStatus(error, status) && isBorrowedStatus(error)
    if ((!failed && !borrowed) || this.#reported?.includes(error)) return undefined
    return this.#isWanted(error) ? { error, borrowed } : undefined
  }

  #isWanted(error: unknown): boolean {
    const { shouldCapture } = this.#context.settings
    return !shouldCapture || this.#ask('shouldCapture', () => shouldCapture(error, this.#request)) !== false
  }

  #reportOfSocket(error: unknown): void {
    if (this.#reported?.includes(error) || !this.#isWanted(error)) return
    this.#reported = [...(this.#reported ?? []), error]
    const { intake, reader } = this.#context
    const surroundings = this.#surroundings(this.#identify(), performance.now())
    captureError(intake, error, { sdk: reader.sdk, mechanism: 'request', surroundings })
  }

  #report(
    { error, borrowed }: { error: unknown; borrowed: boolean },
    identity: RequestIdentity,
    status: number | null,
  ): void {
    const { intake, reader } = this.#context
    captureError(intake, error, {
      sdk: reader.sdk,
      mechanism: 'request',
      surroundings: {
        ...this.#surroundings(identity, this.#failedAt),
        ...(status !== null && { status_code: status }),
        ...(borrowed && { borrowed_status: true }),
      },
      earlier: this.#errors?.slice(0, -1).filter(other => !this.#reported?.includes(other)) ?? [],
      time: this.#time + this.#failedAt - this.#start,
    })
  }

  #identify(path = pathOf(this.#url)): RequestIdentity {
    const userAgent = this.#userAgent()
    const visitor = this.#visitor(userAgent)
    return {
      path,
      method: cut(this.#method, LIMITS.string),
      route: this.#route(),
      user: this.#whoseUser(),
      visitor: visitor?.id,
      id: this.#id,
      trace: traceIdOf(one(this.#headers.traceparent)),
      userAgent: visitor?.userAgent ?? userAgent,
    }
  }

  #surroundings(identity: RequestIdentity, at: number): Surroundings {
    const { path, method, route, user, visitor, id, trace } = identity
    return {
      path,
      method,
      duration_ms: Math.round((at - this.#start) * 100) / 100,
      ...(route !== undefined && { route }),
      ...(user !== null && { user_id: user }),
      ...(visitor !== undefined && { visitor_id: visitor }),
      request_id: id,
      ...(trace !== undefined && { trace_id: trace }),
    }
  }

  #route(): string | undefined {
    const { reader } = this.#context
    const route = this.#ask('route', () => reader.route(this.#request) ?? this.#guestRoute?.())
    return route === undefined ? undefined : cut(route, LIMITS.string)
  }

  #whoseUser(): string | null {
    if (this.#user !== undefined) return this.#user
    const { user } = this.#context.settings
    return user ? this.#asUser(this.#ask('user', () => user(this.#request))) : null
  }

  #asUser(id: unknown): string | null {
    if (id === null || id === undefined || id === '') return null
    if (typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint') {
      return cut(String(id), LIMITS.string)
    }
    this.#context.intake.warn(
      `a user id is to be a string or a number, got ${typeof id}: it counts as unset.`,
    )
    return null
  }

  #userAgent(): string {
    return cut(one(this.#headers['user-agent']) ?? '', LIMITS.user_agent)
  }

  #visitor(userAgent: string): Visitor | undefined {
    const { settings, visitorOf } = this.#context
    const { visitor } = settings
    if (visitor === false || refusesTracking(this.#headers)) return undefined
    if (typeof visitor === 'function') {
      const own = this.#ask('visitor', () => visitor(this.#request))
      return typeof own === 'string' && own !== '' ? { id: cut(own, LIMITS.string), userAgent } : undefined
    }
    return this.#address === undefined ? undefined : visitorOf(this.#address, userAgent, this.#time)
  }

  #ask<T>(option: string, callback: () => T): T | undefined {
    return ask(this.#context.intake.warn, option, callback)
  }
}
