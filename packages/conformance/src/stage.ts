import { setTimeout as delay } from 'node:timers/promises'
import type { Thread } from '@justanalytics/core/adapter'
import { makeFault } from './faults.js'

/**
 * Where a case and the application under test meet: handlers say that they were reached, wait to be let go on,
 * and throw what the case knows again by identity.
 */
export class Stage {
  /** What handlers threw or reported, in order. */
  readonly thrown: unknown[] = []
  /** What the framework's own error path was handed, in order. */
  readonly seen: unknown[] = []
  /** The framework's request objects that handlers greeted, in order. */
  readonly requests: object[] = []
  /** What the jobs enqueued in handlers carry, in order. */
  readonly jobs: (Thread | undefined)[] = []
  /** Set by a case that wants to know. */
  threadSource: (() => Thread | undefined) | undefined
  /** The adapter's warnings. */
  readonly warnings: string[] = []
  readonly logger: { warn(line: string): void } = { warn: line => void this.warnings.push(line) }
  readonly #users = new WeakMap<object, string | number>()
  #open: () => void = () => {}
  #gate = new Promise<void>(resolve => {
    this.#open = resolve
  })
  #arrivals: (() => void)[] = []

  /** In a handler: it runs. @param request what the framework's callbacks get */
  arrive(request: object): void {
    this.requests.push(request)
    for (const arrived of this.#arrivals.splice(0)) arrived()
  }

  /** In a case: once `count` handlers have arrived. */
  async arrived(count = 1): Promise<void> {
    while (this.requests.length < count) await new Promise<void>(resolve => this.#arrivals.push(resolve))
  }

  /** In a handler: until the case opens the gate. */
  gate(): Promise<void> {
    return this.#gate
  }

  /** In a case: lets every handler at the gate go on, now and from now on. */
  open(): void {
    this.#open()
  }

  /** In a handler: something to throw, of the kind asked for. */
  fault(name: string): unknown {
    const fault = makeFault(name)
    this.thrown.push(fault)
    return fault
  }

  /** In a handler: enqueues a job. */
  enqueue(): void {
    this.jobs.push(this.threadSource?.())
  }

  /** In the application's error handler. */
  see(error: unknown): void {
    this.seen.push(error)
  }

  /** In a handler: authentication that ends late, and leaves the user with the framework's request object. */
  async login(request: object, id: string | number): Promise<void> {
    await delay(1)
    this.#users.set(request, id)
  }

  /** For the `user` option. */
  userOf = (request: unknown): string | number | undefined => this.#users.get(request as object)

  /** A body in two parts, with the gate between them; with `breaks` it breaks in place of the second. */
  async *parts(how: 'whole' | 'breaks' = 'whole'): AsyncGenerator<string, void, undefined> {
    yield 'first '
    await this.#gate
    if (how === 'breaks') throw this.fault('error')
    yield 'last'
  }

  /** A body that breaks before its first byte. */
  // biome-ignore lint/correctness/useYield: a body without a first byte is the case
  async *nothing(): AsyncGenerator<string, void, undefined> {
    await delay(1)
    throw this.fault('error')
  }
}
