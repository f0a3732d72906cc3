import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { AnalyticsEvent } from '../src/event/schema.js'

/** One request as the endpoint received it. */
export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** Parsed: one event or several. */
  readonly body: AnalyticsEvent | AnalyticsEvent[]
  readonly events: AnalyticsEvent[]
}

export interface Reply {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** What an endpoint does with a request: answers, or nothing at all (`'silent'`), or cuts the line (`'reset'`). */
export type Behaviour = (received: Received) => Reply | 'silent' | 'reset'

export const accept: Behaviour = ({ events }) => ({
  status: 202,
  body: JSON.stringify({ accepted: events.length, rejected: [] }),
})

/** A real listening endpoint whose behaviour a test may change as it goes. */
export class Endpoint implements AsyncDisposable {
  readonly received: Received[] = []
  behaviour: Behaviour
  readonly #server: Server
  #watchers: (() => void)[] = []

  private constructor(behaviour: Behaviour) {
    this.behaviour = behaviour
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('error', () => {})
      request.on('data', chunk => chunks.push(chunk))
      request.on('end', () => {
        const raw = Buffer.concat(chunks)
        const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw
        const body = JSON.parse(text.toString())
        const one: Received = {
          method: request.method ?? '',
          url: request.url ?? '',
          headers: request.headers,
          body,
          events: [body].flat(),
        }
        this.received.push(one)
        const reply = this.behaviour(one)
        for (const watcher of this.#watchers) watcher()
        if (reply === 'silent') return
        if (reply === 'reset') {
          request.socket.resetAndDestroy()
          return
        }
        response.writeHead(reply.status ?? 202, { 'content-type': 'application/json', ...reply.headers })
        response.end(reply.body)
      })
    })
  }

  static async open(behaviour: Behaviour = accept): Promise<Endpoint> {
    const endpoint = new Endpoint(behaviour)
    await new Promise<void>(resolve => endpoint.#server.listen(0, '127.0.0.1', resolve))
    return endpoint
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/events`
  }

  get events(): AnalyticsEvent[] {
    return this.received.flatMap(({ events }) => events)
  }

  /** Waits until the endpoint has received what `test` asks for. */
  until(test: (endpoint: this) => boolean): Promise<void> {
    return new Promise(resolve => {
      const look = (): void => {
        if (!test(this)) return
        this.#watchers = this.#watchers.filter(watcher => watcher !== look)
        resolve()
      }
      this.#watchers.push(look)
      look()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}
