import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Backoff, parseRetryAfter } from '../../src/transport/backoff.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

/** The shortest and the longest wait after each failure, in milliseconds. */
function waits(step: (backoff: Backoff) => void, times: number, random: number): number[] {
  vi.spyOn(Math, 'random').mockReturnValue(random)
  const backoff = new Backoff()
  return Array.from({ length: times }, () => {
    step(backoff)
    return backoff.until - performance.now()
  })
}

describe('the wait', () => {
  const whole = [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]

  it('doubles from half a second to a minute', () => {
    expect(waits(backoff => backoff.retry(undefined), 9, 1)).toEqual(whole)
  })

  it('is jittered between half and whole', () => {
    expect(waits(backoff => backoff.retry(undefined), 9, 0)).toEqual(whole.map(wait => wait / 2))
  })

  it('is from one to fifteen minutes where only a hand can heal', () => {
    const minutes = (random: number): number[] =>
      waits(backoff => backoff.pause(), 5, random).map(wait => wait / 60_000)
    expect(minutes(0)).toEqual([1, 2, 4, 7.5, 7.5])
    expect(minutes(1)).toEqual([2, 4, 8, 15, 15])
  })

  it('starts anew after a success', () => {
    vi.spyOn(Math, 'random').mockReturnValue(1)
    const backoff = new Backoff()
    backoff.retry(undefined)
    backoff.retry(undefined)
    backoff.recover()
    expect(backoff).toMatchObject({ sick: false, failures: 0, until: 0 })
    backoff.retry(undefined)
    expect(backoff.until - performance.now()).toBe(500)
  })

  it('is cut short for a process that ends, but not where it would be useless', () => {
    const backoff = new Backoff()
    backoff.retry(undefined)
    backoff.hurry()
    expect(backoff.until).toBe(0)
    backoff.pause()
    backoff.hurry()
    expect(backoff.until).toBeGreaterThan(performance.now())
  })
})

describe('Retry-After', () => {
  const now = Date.parse('2026-11-22T03:00:00Z')

  it.each<[string | undefined, number | undefined]>([
    ['7', 7000],
    ['0', 1000],
    ['1.5', 1500],
    ['1.25', 1250],
    ['7 apples', undefined],
    ['on Sun, 22 Nov 2026 03:00:20 GMT', undefined],
    [' 30 ', 30_000],
    ['86400', 300_000],
    ['Sun, 22 Nov 2026 03:00:20 GMT', 20_000],
    ['Sun, 22 Nov 2026 02:00:00 GMT', 1000],
    ['Tue, 22 Dec 2026 03:00:00 GMT', 300_000],
    ['Sunday, 22-Nov-26 03:00:20 GMT', 20_000],
    ['Sun Nov 22 03:00:20 2026', 20_000],
    ['soon', undefined],
    ['', undefined],
    ['-5', undefined],
    ['2026-11-22T03:00:20Z', undefined],
    [undefined, undefined],
  ])('%s: %s ms', (header, wait) => {
    vi.stubEnv('TZ', 'Asia/Tokyo')
    expect(parseRetryAfter(header, now)).toBe(wait)
  })
})
