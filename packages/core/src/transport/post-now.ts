import { workerThreads } from '../platform/builtins.js'
import { version } from '../version.js'
import { encode } from './transport.js'

export interface PostNowOptions {
  readonly endpoint: string
  readonly apiKey: string
  /** Texts of events, a request each. */
  readonly batches: readonly (readonly string[])[]
  /** Milliseconds for all of them. */
  readonly timeout: number
}

/**
 * Posts while this thread stands still, for the moment in which a process ends: no promise is kept any more,
 * but a thread of its own still runs.
 * @returns how many of the batches, from the first on, were acknowledged
 */
export function postNow({ endpoint, apiKey, batches, timeout }: PostNowOptions): number {
  const progress = new Int32Array(new SharedArrayBuffer(8))
  try {
    const headers = {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      'user-agent': `justanalytics-node/${version}`,
    }
    const { Worker } = workerThreads()
    const worker = new Worker(`(${post.toString()})()`, {
      eval: true,
      // Loaders and preloads of the application would only take time.
      execArgv: [],
      env: {},
      stdout: true,
      stderr: true,
      workerData: { endpoint, headers, bodies: batches.map(encode), progress, timeout },
    })
    worker.on('error', () => {})
    worker.unref()
    Atomics.wait(progress, DONE, 0, timeout)
  } catch {
    // No thread to be had: nothing is acknowledged.
  }
  return Atomics.load(progress, ACKNOWLEDGED)
}

const ACKNOWLEDGED = 0
const DONE = 1

/** Runs in the worker as text: it sees nothing of this module. */
function post(): void {
  const { workerData } = process.getBuiltinModule('node:worker_threads')
  const { endpoint, headers, bodies, progress, timeout } = workerData as {
    endpoint: string
    headers: Record<string, string>
    bodies: string[]
    progress: Int32Array
    timeout: number
  }
  const { request } = process.getBuiltinModule(
    new URL(endpoint).protocol === 'https:' ? 'node:https' : 'node:http',
  )
  const finish = (): void => {
    Atomics.store(progress, 1, 1)
    Atomics.notify(progress, 1)
  }
  const next = (): void => {
    const body = bodies[Atomics.load(progress, 0)]
    if (body === undefined) {
      finish()
      return
    }
    const length = String(Buffer.byteLength(body))
    const sent = request(endpoint, {
      method: 'POST',
      headers: { ...headers, 'content-length': length },
      timeout,
    })
    sent.on('error', finish)
    sent.on('response', response => {
      const { statusCode = 0, headers: answer } = response.resume()
      const taken =
        statusCode >= 200 && statusCode < 300 && !/^text\/html/i.test(answer['content-type'] ?? '')
      if (!taken) {
        finish()
        return
      }
      Atomics.add(progress, 0, 1)
      next()
    })
    sent.end(body)
  }
  next()
}
