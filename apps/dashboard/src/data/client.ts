import { learnTime } from './clock.js'
import { FILTERS, type Filters } from './view.js'
import type { Window } from './window.js'

/** Why there is no answer: nobody there; no answer in time; it could not; a token is asked for; nothing by that name; a wrong question. */
export type TroubleKind = 'unreachable' | 'slow' | 'failed' | 'denied' | 'absent' | 'refused'

export interface Trouble {
  kind: TroubleKind
  reason: string
}

/** A busy collector is waited for: to ask it again would only make it busier. */
const LONGEST_WAIT = 120_000
const RETRY_PAUSES = [1000, 2000, 4000, 8000]
const LONGEST_PAUSE = 15_000

class CollectorError extends Error {
  readonly kind: TroubleKind
  constructor(kind: TroubleKind, message: string) {
    super(message)
    this.name = 'CollectorError'
    this.kind = kind
  }
}

/** What an error of {@link ask} means; an answer that cannot be read comes from somebody else. */
export function troubleOf(error: unknown): Trouble {
  const kind = error instanceof CollectorError ? error.kind : 'unreachable'
  return { kind, reason: error instanceof Error ? error.message : String(error) }
}

/** Whether it may pass by itself, so that it is worth to ask again. */
export function passes({ kind }: Trouble): boolean {
  return kind === 'unreachable' || kind === 'slow' || kind === 'failed'
}

/** Milliseconds to wait after so many failures in a row. */
export function retryPause(failures: number): number {
  return RETRY_PAUSES[failures - 1] ?? LONGEST_PAUSE
}

/**
 * Asks the collector for JSON.
 *
 * @param path - relative to the page, so that a sub-path proxy is kept
 * @throws {CollectorError} or the signal's reason
 */
export async function ask(path: string, signal: AbortSignal, act?: object): Promise<unknown> {
  const late = new AbortController()
  const timer = setTimeout(
    () => late.abort(new CollectorError('slow', 'There was no answer within two minutes.')),
    LONGEST_WAIT,
  )
  try {
    const response = await fetch(path, {
      signal: AbortSignal.any([signal, late.signal]),
      headers: { accept: 'application/json', ...(act && { 'content-type': 'application/json' }) },
      ...(act && { method: 'POST', body: JSON.stringify(act) }),
    })
    learnTime(response.headers.get('date'))
    if (!response.ok) throw new CollectorError(kindOf(response.status), await reasonOf(response))
    return await response.json()
  } catch (error) {
    signal.throwIfAborted()
    throw error instanceof CollectorError ? error : new CollectorError('unreachable', String(error))
  } finally {
    clearTimeout(timer)
  }
}

function kindOf(status: number): TroubleKind {
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
