import type { AnalyticsEvent } from '@justanalytics/core/event'

/** What the collector says is wrong, of `/api/v1/verdict`. */
export interface VerdictAnswer {
  state: string
  strength: 'strong' | 'weak' | null
  release: string | null
  sentence: string
}

export interface RequestStory {
  request: AnalyticsEvent | null
  exceptions: AnalyticsEvent[]
  events: AnalyticsEvent[]
  jobs: JobStory[]
}

export interface JobStory {
  id: string
  task_name: string
  queue: string
  state: 'completed' | 'failed' | 'retrying'
  release: string | null
  enqueued_release: string | null
  request_id: string | null
  user_id: string | null
  attempts: AttemptStory[]
}

export interface AttemptStory {
  attempt: number
  state: 'completed' | 'failed'
  final: boolean
  reason: string | null
  exception_type: string | null
  exception_message: string | null
  traceback: string | null
  wait_ms: number | null
}

/** The collector, asked over HTTP as anyone would ask it. */
export interface Questions {
  /** All stored events of one name since a moment, newest first. */
  events(name: string, from: Date): Promise<AnalyticsEvent[]>
  /** What broke in the last 24 hours, since which release, and whom does it hit? */
  verdict(): Promise<VerdictAnswer>
  /** What happened in one request and because of it; `undefined` where nothing is known of it. */
  request(id: string): Promise<RequestStory | undefined>
  /** What became of one job; `undefined` where nothing is known of it. */
  job(id: string, queue: string): Promise<(JobStory & { request: AnalyticsEvent | null }) | undefined>
  /** How many events are stored in all. */
  count(): Promise<number>
}

const PAGE = 1_000

/** @param url where the collector listens */
export function createQuestions(url: string): Questions {
  async function find<T>(path: string, search: Record<string, string> = {}): Promise<T | undefined> {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(search)}`)
    if (response.ok) return (await response.json()) as T
    const text = await response.text()
    if (response.status === 404) return undefined
    throw new Error(`The collector answered ${response.status} to ${path}: ${text}`)
  }

  async function ask<T>(path: string, search?: Record<string, string>): Promise<T> {
    const answer = await find<T>(path, search)
    if (answer === undefined) throw new Error(`The collector does not know ${path}`)
    return answer
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

    verdict: () => ask('verdict'),
    request: id => find(`requests/${encodeURIComponent(id)}`),
    job: (id, queue) => find(`jobs/${encodeURIComponent(id)}`, { queue }),

    count: async () => (await ask<{ events: number }>('health')).events,
  }
}
