import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type AnalyticsEvent, serialise } from '@justanalytics/core/event'

/** Where events go, and with which key. */
export interface Endpoint {
  url: string
  apiKey: string
}

const BATCH = 500
const LANES = 4
const ATTEMPTS = 5
const zip = promisify(gzip)

/**
 * Posts events over the wire and resolves when the last one is stored.
 *
 * @throws if the collector turned one of them away
 */
export async function postEvents(
  endpoint: Endpoint,
  events: readonly AnalyticsEvent[],
  onProgress?: (posted: number) => void,
): Promise<void> {
  let next = 0
  let posted = 0
  async function lane(): Promise<void> {
    while (next < events.length) {
      const batch = events.slice(next, next + BATCH)
      next += batch.length
      await postBatch(endpoint, batch)
      posted += batch.length
      onProgress?.(posted)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

async function postBatch({ url, apiKey }: Endpoint, batch: readonly AnalyticsEvent[]): Promise<void> {
  const body = await zip(`[${batch.map(serialise).join(',')}]`, { level: 1 })
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      },
      body,
    })
    const text = await response.text()
    if (response.status === 202) return obey(text, batch.length)
    const later = response.status === 429 || response.status === 503
    if (!later || attempt === ATTEMPTS) throw new Error(`The collector answered ${response.status}: ${text}`)
    await wait(Number(response.headers.get('retry-after') ?? 1) * 1_000)
  }
}

function obey(text: string, sent: number): void {
  const { accepted, rejected } = JSON.parse(text) as { accepted: number; rejected: unknown[] }
  if (accepted !== sent)
    throw new Error(
      `The collector took ${accepted} of ${sent} events: ${JSON.stringify(rejected).slice(0, 300)}`,
    )
}
