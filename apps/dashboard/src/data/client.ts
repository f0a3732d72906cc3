import {
  type Health,
  readEvents,
  readHealth,
  readKeys,
  readSeries,
  type Series,
  type StoredEvent,
} from './answers.js'
import { stepFor, type View, type Window } from './view.js'

/** Why there is no answer: nobody there; it could not; a token is asked for; the question is wrong. */
export type Trouble = 'unreachable' | 'failed' | 'denied' | 'refused'

const LONGEST_WAIT = 30_000

export class CollectorError extends Error {
  readonly trouble: Trouble
  constructor(trouble: Trouble, message: string) {
    super(message)
    this.name = 'CollectorError'
    this.trouble = trouble
  }
}

async function ask(path: string, signal: AbortSignal): Promise<{ answer: unknown; date: string | null }> {
  // Relative to the page, so that a sub-path proxy is kept.
  const response = await fetch(path, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_WAIT)]),
    headers: { accept: 'application/json' },
  }).catch(error => {
    signal.throwIfAborted()
    throw new CollectorError('unreachable', String(error))
  })
  if (!response.ok) throw new CollectorError(troubleOf(response.status), await reasonOf(response))
  return { answer: await response.json(), date: response.headers.get('date') }
}

function troubleOf(status: number): Trouble {
  if (status === 401 || status === 403) return 'denied'
  // A proxy's way to say that nobody is behind it.
  if (status === 502 || status === 504) return 'unreachable'
  return status === 429 || status >= 500 ? 'failed' : 'refused'
}

async function reasonOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null)
  const said = body && typeof body === 'object' && 'error' in body ? body.error : null
  return typeof said === 'string' ? said : `the collector answered ${response.status}`
}

function query(view: View, window: Window, more: Record<string, string>): string {
  const search = new URLSearchParams(more)
  search.set('from', new Date(window.from).toISOString())
  search.set('to', new Date(window.to).toISOString())
  if (view.site) search.set('site', view.site)
  if (view.env) search.set('env', view.env)
  return search.toString()
}

/** @param most - buckets */
export async function askSeries(
  view: View,
  window: Window,
  most: number,
  signal: AbortSignal,
): Promise<Series> {
  const step = String(stepFor(window, most))
  const { answer } = await ask(`api/v1/series?${query(view, window, { step })}`, signal)
  return readSeries(answer)
}

/** The sites or environments that were seen in a window. */
export async function askNames(
  by: 'site' | 'environment',
  window: Window,
  signal: AbortSignal,
): Promise<string[]> {
  const search = new URLSearchParams({
    by,
    from: new Date(window.from).toISOString(),
    to: new Date(window.to).toISOString(),
    step: String(window.to - window.from),
  })
  const { answer } = await ask(`api/v1/series?${search}`, signal)
  return readKeys(answer)
}

/** Stored events of one name, newest first. */
export async function askEvents(
  event: string,
  limit: number,
  view: View,
  window: Window,
  signal: AbortSignal,
): Promise<StoredEvent[]> {
  const { answer } = await ask(
    `api/v1/events?${query(view, window, { event, limit: String(limit) })}`,
    signal,
  )
  return readEvents(answer)
}

/** The collector's state, and by how many milliseconds its clock is ahead of this browser's. */
export async function askHealth(signal: AbortSignal): Promise<{ health: Health; skew: number }> {
  const { answer, date } = await ask('api/v1/health', signal)
  const skew = date ? Date.parse(date) - Date.now() : 0
  // The Date header counts whole seconds: less than two is no difference.
  return { health: readHealth(answer), skew: Math.abs(skew) < 2000 || Number.isNaN(skew) ? 0 : skew }
}
