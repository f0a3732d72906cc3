import type { Received } from './ledger.js'
import type { Step } from './steps.js'

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  202: 'Accepted',
  204: 'No Content',
  404: 'Not Found',
}

export interface AnswerParts {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** The bytes of a well-formed answer, its body JSON unless a header says otherwise. */
export function answer(status: number, { headers = {}, body = '' }: AnswerParts = {}): string {
  const fields = Object.entries({
    'Content-Type': 'application/json',
    ...(status !== 204 && status !== 304 && { 'Content-Length': String(Buffer.byteLength(body)) }),
    ...headers,
  })
  const head = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return `HTTP/1.1 ${status} ${REASONS[status] ?? 'Whatever'}\r\n${head}\r\n${Buffer.from(body).toString('latin1')}`
}

/** What a healthy endpoint answers: it takes everything. */
export function accept({ events }: Received): readonly Step[] {
  return [answer(202, { body: JSON.stringify({ accepted: events.length, rejected: [] }) })]
}

/** Takes everything but the events at these places of the body. */
export const reject =
  (...places: readonly number[]) =>
  ({ events }: Received): readonly Step[] => {
    const rejected = places
      .filter(index => index < events.length)
      .map(index => ({ index, reason: 'unwanted' }))
    return [answer(202, { body: JSON.stringify({ accepted: events.length - rejected.length, rejected }) })]
  }
