/** Verbs over the channel between a process and those it started. */
import type { ChildProcess } from 'node:child_process'

interface Call {
  readonly id: number
  readonly verb: string
  readonly argument: unknown
}

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

/** What a process answers to, by verb. */
export type Verbs = Record<string, (argument: never) => unknown>

/** In a started process: answers calls, and ends with the process that started it. */
export function answerCalls(verbs: Verbs): void {
  process.on('message', async ({ id, verb, argument }: Call) => {
    const answer: Answer = await Promise.resolve(verbs[verb]?.(argument as never)).then(
      result => ({ id, result }),
      error => ({ id, error: String(error?.stack ?? error) }),
    )
    process.send?.(answer)
  })
  process.once('disconnect', () => process.exit())
  process.send?.({ id: 0 })
}

/** In the process that started it: `call(verb, argument)`. */
export class Remote<V extends Verbs> {
  readonly child: ChildProcess
  readonly #pending = new Map<number, (answer: Answer) => void>()
  #calls = 0

  constructor(child: ChildProcess) {
    this.child = child
    child.on('message', (answer: Answer) => this.#pending.get(answer.id)?.(answer))
    // Many complain about a sick sink; only the last words of one that ends too early are worth reading.
    let words = ''
    child.stderr?.setEncoding('utf8').on('data', text => {
      words = (words + text).slice(-2000)
    })
    child.once('close', (code, signal) => {
      const error = `${child.spawnargs.slice(-2).join(' ')} ended with ${signal ?? code}\n${words}`
      for (const [id, settle] of this.#pending) settle({ id, error })
    })
  }

  /** Resolves when the process is ready. */
  ready(): Promise<unknown> {
    return this.#answerTo(0)
  }

  call<Verb extends keyof V & string>(
    verb: Verb,
    argument: Parameters<V[Verb]>[0],
  ): Promise<Awaited<ReturnType<V[Verb]>>> {
    const id = ++this.#calls
    const answer = this.#answerTo(id)
    this.child.send({ id, verb, argument } satisfies Call)
    return answer as Promise<Awaited<ReturnType<V[Verb]>>>
  }

  #answerTo(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#pending.set(id, ({ result, error }) => {
        this.#pending.delete(id)
        if (error === undefined) resolve(result)
        else reject(new Error(error))
      })
    })
  }
}
