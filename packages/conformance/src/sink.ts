import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { type AnalyticsEvent, parseEvents } from '@justanalytics/core/event'

export const API_KEY = 'key_conformance'
export const SITE_ID = 'site_conformance'

/** The endpoint of the contract on a real port: it checks what it is sent and keeps the events. */
export class Sink {
  readonly events: AnalyticsEvent[] = []
  /** Every request as it came, head and unpacked body: what left the process. */
  readonly received: string[] = []
  /** Where what was sent is not as the contract says. */
  readonly problems: string[] = []
  /** Whether it answers at all. */
  silent = false
  readonly #server: Server = createServer((request, response) => {
    // A sender that gives up in the middle is no problem of what it sent.
    this.#take(request, response).catch(error => request.complete && this.problems.push(String(error)))
  })
  readonly #waiting = new Set<() => void>()

  static async open(): Promise<Sink> {
    const sink = new Sink()
    sink.#server.listen(0, '127.0.0.1')
    await once(sink.#server, 'listening')
    return sink
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/events`
  }

  /** Waits until enough has arrived. Fails with what did arrive. */
  async until(enough: (events: readonly AnalyticsEvent[]) => boolean, patience = 5000): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (!enough(this.events)) return
        this.#waiting.delete(look)
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(look)
        const names = this.events.map(event => `${event.event} ${event.properties.path ?? ''}`)
        reject(new Error(`Waited in vain for an event; what arrived: [${names.join(', ')}]`))
      }, patience)
      this.#waiting.add(look)
      look()
    })
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (this.silent) return
    const packed = Buffer.concat(chunks)
    const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(packed) : packed).toString()
    this.received.push(`${request.rawHeaders.join('\n')}\n\n${body}`)
    this.#checkHead(request)
    const { events, rejected } = parseEvents(JSON.parse(body))
    for (const { index, reason } of rejected) this.problems.push(`event ${index} of ${body}: ${reason}`)
    for (const { event } of events) {
      if (event.site_id !== SITE_ID) this.problems.push(`site_id ${event.site_id}`)
      this.events.push(event)
    }
    response.writeHead(202, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ accepted: events.length, rejected }))
    for (const look of this.#waiting) look()
  }

  #checkHead({ method, url, headers }: IncomingMessage): void {
    const expected: [string, unknown, RegExp][] = [
      ['method', method, /^POST$/],
      ['url', url, /^\/v1\/events$/],
      ['authorization', headers.authorization, new RegExp(`^Bearer ${API_KEY}$`)],
      ['content-type', headers['content-type'], /^application\/json$/],
      ['user-agent', headers['user-agent'], /^justanalytics-node\/\d+\.\d+\.\d+/],
    ]
    for (const [name, value, pattern] of expected) {
      if (!pattern.test(String(value))) this.problems.push(`${name}: ${value}`)
    }
  }
}
