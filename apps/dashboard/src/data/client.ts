import { learnTime } from './clock.js'
import { FILTERS, type Filters } from './view.js'
import type { Window } from './window.js'

/** Why there is no answer: nobody there; it could not; a token is asked for; nothing by that name; a wrong question. */
export type Trouble = 'unreachable' | 'failed' | 'denied' | 'absent' | 'refused'

const LONGEST_WAIT = 30_000

export class CollectorError extends Error {
  readonly trouble: Trouble
  constructor(trouble: Trouble, message: string) {
    super(message)
    this.name = 'CollectorError'
    this.trouble = trouble
  }
}

/**
 * Asks the collector for JSON.
 *
 * @param path - relative to the page, so that a sub-path proxy is kept
 * @throws {CollectorError} or the signal's reason
 */
export async function ask(path: string, signal: AbortSignal, act?: object): Promise<unknown> {
  const response = await fetch(path, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_WAIT)]),
    headers: { accept: 'application/json', ...(act && { 'content-type': 'application/json' }) },
    ...(act && { method: 'POST', body: JSON.stringify(act) }),
  }).catch(error => {
    signal.throwIfAborted()
    throw new CollectorError('unreachable', String(error))
  })
  learnTime(response.headers.get('date'))
  if (!response.ok) throw new CollectorError(troubleOf(response.status), await reasonOf(response))
  return response.json()
}

function troubleOf(status: number): Trouble {
  if (status === 401 || status === 403) return 'denied'
  if (status === 404) return 'absent'
  // A proxy's way to say that nobody is behind it.
  if (status === 502 || status === 504) return 'unreachable'
  return status === 429 || status >= 500 ? 'failed' : 'refused'
}

async function reasonOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null)
  const said = body && typeof body === 'object' && 'error' in body ? body.error : null
  return typeof said === 'string' ? said : `the collector answered ${response.status}`
}

/** A question's address. Filters and window come first, so that `more` may say otherwise. */
export function address(
  path: string,
  filters: Filters,
  window: Window | null,
  more: Readonly<Record<string, string>> = {},
): string {
  const search = new URLSearchParams()
  if (window) {
    search.set('from', new Date(window.from).toISOString())
    search.set('to', new Date(window.to).toISOString())
  }
  for (const name of FILTERS) {
    const value = filters[name]
    if (value) search.set(name, value)
  }
  for (const [name, value] of Object.entries(more)) search.set(name, value)
  return search.size > 0 ? `api/v1/${path}?${search}` : `api/v1/${path}`
}
