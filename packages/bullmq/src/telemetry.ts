import { type Thread, type Threaded, within } from '@justanalytics/core/adapter'
import { addThread, threadOf, withoutThread } from './metadata.js'

/** BullMQ's telemetry interface, as far as it is passed on here. */
export interface Telemetry {
  readonly tracer: { startSpan(name: string, options?: unknown, context?: unknown): Span }
  readonly contextManager: {
    active(): unknown
    root?(): unknown
    with(context: unknown, next: () => unknown): unknown
    getMetadata(context: unknown): string
    fromMetadata(active: unknown, metadata: string): unknown
  }
  readonly meter?: unknown
}

interface Span {
  setSpanOnContext(context: unknown): unknown
  setAttribute(key: string, value: unknown): void
  setAttributes(attributes: unknown): void
  addEvent(name: string, attributes?: unknown): void
  recordException(exception: unknown, time?: unknown): void
  end(): void
}

/**
 * For what enqueues jobs: each is given the current thread. All else goes to the application's own telemetry.
 * @param thread never throws
 */
export function producerTelemetry(
  theirs: Telemetry = NO_TELEMETRY,
  thread: () => Thread | undefined,
): Telemetry {
  const { contextManager } = theirs
  return {
    get meter() {
      return theirs.meter
    },
    tracer: theirs.tracer,
    contextManager: {
      active: () => contextManager.active(),
      ...(contextManager.root && { root: () => contextManager.root?.() }),
      with: (context, next) => contextManager.with(context, next),
      getMetadata: context => addThread(contextManager.getMetadata(context), thread()),
      fromMetadata: (active, metadata) => {
        const own = withoutThread(metadata)
        return own === undefined ? active : contextManager.fromMetadata(active, own)
      },
    },
  }
}

/** Their context, and what we have to know of the operation that runs in it. */
interface Strand {
  readonly theirs: unknown
  /** The context that came with a job. */
  readonly parent?: unknown
  readonly origin?: Threaded | undefined
  readonly closing?: boolean
}

/**
 * For a worker: a job is processed on its own thread, whatever the worker was made in, and closing waits.
 * @param closed called when the worker has closed; never rejects
 */
export function consumerTelemetry(
  theirs: Telemetry = NO_TELEMETRY,
  worker: string,
  closed: () => Promise<unknown>,
): Telemetry {
  const { contextManager, tracer } = theirs
  return {
    get meter() {
      return theirs.meter
    },
    tracer: {
      startSpan(name, options, context) {
        const span = tracer.startSpan(name, options, (context as Strand | undefined)?.parent)
        return new StrandSpan(span, name === `close ${worker}`)
      },
    },
    contextManager: {
      active: (): Strand => ({ theirs: contextManager.active() }),
      ...(contextManager.root && { root: (): Strand => ({ theirs: contextManager.root?.() }) }),
      with(context, next) {
        const { theirs, origin, closing } = context as Strand
        const result = contextManager.with(theirs, () => within(origin, next))
        return closing ? Promise.resolve(result).finally(closed) : result
      },
      getMetadata: context => contextManager.getMetadata((context as Strand).theirs),
      fromMetadata(active, metadata): Strand {
        const thread = threadOf(metadata)
        const origin = thread && { thread: () => thread }
        const own = withoutThread(metadata)
        if (own === undefined) return { theirs: (active as Strand).theirs, origin }
        const theirs = contextManager.fromMetadata((active as Strand).theirs, own)
        return { theirs, parent: theirs, origin }
      },
    },
  }
}

/** Their span, put on our context. */
class StrandSpan implements Span {
  readonly #span: Span
  readonly #closing: boolean

  constructor(span: Span, closing: boolean) {
    this.#span = span
    this.#closing = closing
  }

  setSpanOnContext(context: Strand): Strand {
    return { ...context, theirs: this.#span.setSpanOnContext(context.theirs), closing: this.#closing }
  }

  setAttribute(key: string, value: unknown): void {
    this.#span.setAttribute(key, value)
  }

  setAttributes(attributes: unknown): void {
    this.#span.setAttributes(attributes)
  }

  addEvent(name: string, attributes?: unknown): void {
    this.#span.addEvent(name, attributes)
  }

  recordException(exception: unknown, time?: unknown): void {
    this.#span.recordException(exception, time)
  }

  end(): void {
    this.#span.end()
  }
}

const NO_SPAN: Span = {
  setSpanOnContext: context => context,
  setAttribute() {},
  setAttributes() {},
  addEvent() {},
  recordException() {},
  end() {},
}

/** Where the application has none of its own. */
const NO_TELEMETRY: Telemetry = {
  tracer: { startSpan: () => NO_SPAN },
  contextManager: {
    active: () => undefined,
    root: () => undefined,
    with: (_context, next) => next(),
    getMetadata: () => '',
    fromMetadata: active => active,
  },
}
