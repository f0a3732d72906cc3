import { gunzipSync } from 'node:zlib'
import type { Head } from './http.js'

/** An event as it arrived. */
export interface SeenEvent {
  readonly event: string
  readonly event_id: string
  readonly properties: Readonly<Record<string, unknown>>
}

/** One request, from its head on. */
export interface Received extends Head {
  /** Which connection it came on, from 1. */
  readonly connection: number
  /** Monotonic milliseconds at which its head was read. */
  readonly at: number
  /** Its events in their order; none until the body is whole, nor where it is not what it should be. */
  events: readonly SeenEvent[]
  /** It was a JSON array. */
  isArray: boolean
  /** What was answered so far, at most {@link REMEMBERED} characters of it. */
  answered: string
}

/** What one id went through. */
export interface Copies {
  readonly event: SeenEvent
  /** Times that it arrived in a whole body. */
  seen: number
}

const REMEMBERED = 128 * 1024
/** No more of an answer is worth reading. */
const READ_BYTES = 64 * 1024

/** What really happened, written down at the endpoint: the client's own account is held against it. */
export class ReferenceLedger {
  readonly requests: Received[] = []
  /** By event id. */
  readonly events: Map<string, Copies> = new Map()
  /** Connections made, those open now, and the most that were open at once. */
  readonly connections = { made: 0, open: 0, most: 0 }
  /** Requests whose steps are not played to the end yet, and the most at once. */
  readonly underWay = { now: 0, most: 0 }
  /** Raw bytes received. */
  bytes = 0
  readonly #read: Read

  constructor(read: Read = readEvents) {
    this.#read = read
  }

  /** Ids that an answer acknowledged: a 2xx whose header got out whole, no page, and not in its list of rejections. */
  get acknowledged(): ReadonlySet<string> {
    const ids = new Set<string>()
    for (const request of this.requests) for (const id of acknowledgedBy(request)) ids.add(id)
    return ids
  }

  /** The greatest number of copies of one event, and the average. */
  get copies(): { most: number; average: number } {
    let most = 0
    let sum = 0
    for (const { seen } of this.events.values()) {
      most = Math.max(most, seen)
      sum += seen
    }
    return { most, average: sum / Math.max(1, this.events.size) }
  }

  connected(): number {
    this.connections.open++
    this.connections.most = Math.max(this.connections.most, this.connections.open)
    return ++this.connections.made
  }

  begin(head: Head, connection: number): Received {
    const request = { ...head, connection, at: performance.now(), events: [], isArray: false, answered: '' }
    this.requests.push(request)
    this.underWay.most = Math.max(this.underWay.most, ++this.underWay.now)
    return request
  }

  /** The body is whole. */
  receive(request: Received, body: Buffer): void {
    request.events = this.#read(request, body)
    for (const event of request.events) {
      const copies = this.events.get(event.event_id) ?? { event, seen: 0 }
      copies.seen++
      this.events.set(event.event_id, copies)
    }
  }

  answer(request: Received, bytes: string | Uint8Array): void {
    if (request.answered.length > REMEMBERED) return
    request.answered += typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('latin1')
  }
}

/** Finds the events in a whole body, and says whether it is an array of them. */
export type Read = (request: Received, body: Buffer) => readonly SeenEvent[]

/** As the contract's wire has them. */
function readEvents(request: Received, body: Buffer): SeenEvent[] {
  try {
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
    const value = JSON.parse(text.toString()) as SeenEvent | SeenEvent[]
    request.isArray = Array.isArray(value)
    return [value].flat()
  } catch {
    return []
  }
}

/**
 * Ids of the events of a request that its answer, as far as it got out, acknowledges: by its status, from the end of
 * its header on. A list of rejections takes some of them back where it is whole and not larger than 64 KiB.
 */
export function acknowledgedBy({ events, answered }: Received): readonly string[] {
  const final = answered.replace(/^(HTTP\/1\.[01] 1\d\d.*?\r\n\r\n)+/s, '')
  const end = final.indexOf('\r\n\r\n')
  const head = final.slice(0, Math.max(0, end))
  if (!/^HTTP\/1\.[01] 2\d\d/.test(head) || /^content-type: *text\/html/im.test(head)) return []
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1])
  const body = final.slice(end + 4)
  const rejected = body.length === length && length <= READ_BYTES ? rejectedIn(body) : new Set()
  return events.filter((_event, index) => !rejected.has(index)).map(({ event_id }) => event_id)
}

function rejectedIn(body: string): ReadonlySet<unknown> {
  try {
    const { rejected } = JSON.parse(body) as { rejected?: { index?: unknown }[] }
    return new Set((Array.isArray(rejected) ? rejected : []).map(entry => entry?.index))
  } catch {
    return new Set()
  }
}
