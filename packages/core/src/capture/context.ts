import { LIMITS } from '../event/limits.js'
import { cut } from '../event/text.js'

/** What ties a job to the request that caused it, as it travels with the job. */
export interface Thread {
  readonly request_id?: string
  readonly trace_id?: string
  readonly user_id?: string
  readonly visitor_id?: string
  /** Of the process that enqueued the job. */
  readonly release?: string
}

/** Whatever jobs can be enqueued from: a request being served, another job being run. */
export interface Threaded {
  thread(): Thread | undefined
}

/** Carries a value along asynchronous calls: Node's `AsyncLocalStorage`. */
export interface Carrier {
  run<T>(origin: Threaded | undefined, next: () => T): T
  getStore(): Threaded | undefined
}

let carrier: Carrier | undefined

/** Called by whoever wants to know the current thread; until then nobody pays for its being carried. */
export function carryThreads(make: () => Carrier): void {
  carrier ??= make()
}

/** Runs what belongs to an origin; `undefined`: to none, whatever is around it. */
export function within<T>(origin: Threaded | undefined, next: () => T): T {
  return carrier ? carrier.run(origin, next) : next()
}

/** The thread of the request or job that the caller belongs to. Never throws. */
export function currentThread(): Thread | undefined {
  try {
    return carrier?.getStore()?.thread()
  } catch {
    return undefined
  }
}

const NAMES = ['request_id', 'trace_id', 'user_id', 'visitor_id', 'release'] as const

/** A thread that has come a long way: what is no string in it is left out. */
export function readThread(value: unknown): Thread | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const thread: { -readonly [Name in keyof Thread]: Thread[Name] } = {}
  for (const name of NAMES) {
    const text: unknown = (value as Thread)[name]
    if (typeof text === 'string' && text !== '') thread[name] = cut(text, LIMITS.string)
  }
  return thread
}
