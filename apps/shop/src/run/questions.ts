import type { AnalyticsEvent } from '@justanalytics/core/event'

/** One release's part in a span of time, added up from `/api/v1/series?by=release`. */
export interface ReleaseFigures {
  release: string
  requests: number
  failures: number
}

/** The collector, asked over HTTP as anyone would ask it. */
export interface Questions {
  /** All stored events of one name since a moment, newest first. */
  events(name: string, from: Date): Promise<AnalyticsEvent[]>
  /** Requests and failures of each release since a moment. */
  releases(from: Date): Promise<ReleaseFigures[]>
  /** How many events are stored in all. */
  count(): Promise<number>
}

interface SeriesAnswer {
  series: { key: string; buckets: { requests: number; failures: number }[] }[]
}

const PAGE = 1_000

/** @param url where the collector listens */
export function createQuestions(url: string): Questions {
  async function ask<T>(path: string, search: Record<string, string> = {}): Promise<T> {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(search)}`)
    if (!response.ok)
      throw new Error(`The collector answered ${response.status} to ${path}: ${await response.text()}`)
    return (await response.json()) as T
  }

  return {
    async events(event, from) {
      const found: AnalyticsEvent[] = []
      let cursor: string | undefined
      do {
        const page = await ask<{ items: AnalyticsEvent[]; next?: string }>('events', {
          event,
          from: from.toISOString(),
          limit: String(PAGE),
          ...(cursor && { cursor }),
        })
        found.push(...page.items)
        cursor = page.next
      } while (cursor)
      return found
    },

    async releases(from) {
      const { series } = await ask<SeriesAnswer>('series', { from: from.toISOString(), by: 'release' })
      return series.map(({ key, buckets }) => ({
        release: key,
        requests: buckets.reduce((sum, bucket) => sum + bucket.requests, 0),
        failures: buckets.reduce((sum, bucket) => sum + bucket.failures, 0),
      }))
    },

    count: async () => (await ask<{ events: number }>('health')).events,
  }
}
