import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Feed, type Snapshot } from '../src/data/feed.js'
import { parseView } from '../src/data/view.js'

const ANSWERS: Readonly<Record<string, object>> = {
  health: { status: 'ok', events: 1, lag_ms: 2 },
  verdict: { sentence: 'Quiet.' },
  series: { step_ms: 60_000, buckets: [], marks: [] },
}

/** Milliseconds until the collector answers; null: never. */
let takes: (question: string) => number | null
let away: boolean
let asked: { question: string; at: number }[]
let snapshot: Snapshot

function answerOf(path: string, signal: AbortSignal): Promise<object> {
  const question = /api\/v1\/(\w+)/.exec(path)?.[1] ?? ''
  asked.push({ question, at: performance.now() })
  return new Promise((resolve, reject) => {
    const time = takes(question)
    signal.addEventListener('abort', () => reject(signal.reason))
    if (away) reject(new TypeError('Failed to fetch'))
    else if (time !== null) setTimeout(resolve, time, ANSWERS[question] ?? { items: [] })
  })
}

beforeEach(() => {
  takes = () => 50
  away = false
  asked = []
  snapshot = {}
  vi.useFakeTimers({ now: Date.parse('2026-11-22T03:05:00Z') })
  vi.stubGlobal('innerWidth', 1280)
  vi.stubGlobal('fetch', async (path: string, { signal }: { signal: AbortSignal }) => {
    const answer = await answerOf(path, signal)
    return { ok: true, headers: new Headers(), json: async () => answer }
  })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function createFeed(known: Snapshot = {}): Feed {
  snapshot = known
  const feed = new Feed(parseView(''), { onSnapshot: next => (snapshot = next), onRound: () => {} }, known)
  feed.start()
  return feed
}

/** When each round of questions began, in milliseconds from the first. */
function rounds(): number[] {
  const begun = asked.filter(({ question }) => question === 'health').map(({ at }) => at)
  return begun.map(at => at - (begun[0] ?? 0))
}

const elsewhere = (feed: Feed) => feed.show(parseView('?range=15m'))

describe('what the page asks', () => {
  it('is asked at most once a second, however much there is to tell', async () => {
    const feed = createFeed()
    for (let told = 0; told < 299; told++) {
      feed.news()
      await vi.advanceTimersByTimeAsync(10)
    }
    expect(rounds()).toEqual([0, 1000, 2000])
  })

  it.each([
    ['three times as long as it worked', 2000, [0, 8000, 16_000]],
    ['ten seconds at most', 6000, [0, 16_000, 32_000]],
  ])('lets a busy collector rest: %s', async (_, time, begun) => {
    takes = () => time
    const feed = createFeed()
    for (let told = 0; told < 400; told++) {
      feed.news()
      await vi.advanceTimersByTimeAsync(100)
    }
    expect(rounds().slice(0, 3)).toEqual(begun)
  })

  it('is asked every half minute where nothing is told', async () => {
    createFeed()
    await vi.advanceTimersByTimeAsync(61_000)
    expect(rounds()).toEqual([0, 30_050, 60_100])
  })

  it('leaves out, the first time, what the page came with, unless that is old', async () => {
    createFeed()
    await vi.advanceTimersByTimeAsync(50)
    const { verdict } = snapshot
    if (!verdict) throw new Error('there is no verdict')
    const asksVerdict = async (known: Snapshot) => {
      asked = []
      createFeed(known)
      await vi.advanceTimersByTimeAsync(0)
      return asked.some(({ question }) => question === 'verdict')
    }
    expect(await asksVerdict({ verdict })).toBe(false)
    expect(snapshot.verdict).toBe(verdict)
    expect(await asksVerdict({ verdict: { ...verdict, stale: true } })).toBe(true)
    await vi.advanceTimersByTimeAsync(30_100)
    expect(asked.filter(({ question }) => question === 'verdict').length).toBeGreaterThan(1)
  })

  it('is asked again with growing pauses while the collector is away, and what is known is kept', async () => {
    const feed = createFeed()
    await vi.advanceTimersByTimeAsync(100)
    away = true
    asked = []
    feed.refresh()
    await vi.advanceTimersByTimeAsync(31_000)
    expect(rounds()).toEqual([0, 1000, 3000, 7000, 15_000, 30_000])
    expect(snapshot.health).toMatchObject({ value: { events: 1 }, trouble: { kind: 'unreachable' } })
    away = false
    await vi.advanceTimersByTimeAsync(15_100)
    expect(snapshot.health?.trouble).toBeNull()
  })

  it('is waited for two minutes, the others shown meanwhile, and then asked again', async () => {
    takes = question => (question === 'flows' ? null : 50)
    const feed = createFeed()
    await vi.advanceTimersByTimeAsync(119_000)
    expect(rounds()).toEqual([0])
    expect([snapshot.health?.value?.events, snapshot.flows]).toEqual([1, undefined])
    takes = () => 50
    await vi.advanceTimersByTimeAsync(1000)
    expect(snapshot.flows).toMatchObject({ value: null, trouble: { kind: 'slow' } })
    await vi.advanceTimersByTimeAsync(1100)
    expect(snapshot.flows).toMatchObject({ value: { items: [] }, trouble: null })
    feed.stop()
  })

  it('of another view is asked at once, and what was asked before is let go of', async () => {
    takes = () => 5000
    const feed = createFeed()
    await vi.advanceTimersByTimeAsync(1000)
    elsewhere(feed)
    takes = () => 50
    feed.renew()
    await vi.advanceTimersByTimeAsync(50)
    expect(rounds()).toEqual([0, 1000, 1000])
    const { from, to } = snapshot.series?.window ?? { from: 0, to: 0 }
    expect(to - from).toBe(900_000)
    await vi.advanceTimersByTimeAsync(6000)
    expect(snapshot.series?.window).toEqual({ from, to })
  })

  it('is of windows that end on whole seconds, so that all who look ask the same', async () => {
    await vi.advanceTimersByTimeAsync(123)
    createFeed()
    await vi.advanceTimersByTimeAsync(50)
    expect(snapshot.series?.window.to).toBe(Date.parse('2026-11-22T03:05:01Z'))
  })
})
