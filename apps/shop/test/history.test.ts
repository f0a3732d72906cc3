import { parseEvents } from '@justanalytics/core/event'
import { describe, expect, it } from 'vitest'
import { makeHistory } from '../src/history/index.js'
import { BAD_RELEASE, GOOD_RELEASE, PAST_RELEASES } from '../src/index.js'

const until = new Date('2026-11-22T12:00:00Z')
const options = { seed: 4, siteId: 'shop', service: 'shop', environment: 'demo', until, visitsPerHour: 150 }
const events = await makeHistory(options)

describe('makeHistory', () => {
  it('makes events that the parser takes as they are', () => {
    const { events: parsed, rejected } = parseEvents(structuredClone(events), until)
    expect(rejected).toEqual([])
    expect(parsed.map(({ event }) => event)).toEqual(events)
  })

  it('covers the whole day, in order, up to its end', () => {
    const times = events.map(({ timestamp }) => Date.parse(timestamp))
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times[0]).toBeGreaterThanOrEqual(until.getTime() - 24 * 3_600_000)
    expect(times.at(-1)).toBeLessThan(until.getTime())
    const hours = new Set(times.map(time => Math.floor(time / 3_600_000)))
    expect(hours.size).toBe(24)
  })

  it('is quieter twelve hours ago than now', () => {
    const inHour = (ago: number) =>
      events.filter(
        ({ timestamp }) => Math.floor((until.getTime() - Date.parse(timestamp)) / 3_600_000) === ago,
      ).length
    expect(inHour(11)).toBeLessThan(inHour(0) / 2)
  })

  it('knows the good releases only, one after the other', () => {
    const releases = [...new Set(events.map(({ properties }) => properties.release))]
    expect(releases).toEqual([...PAST_RELEASES, GOOD_RELEASE])
    expect(releases).not.toContain(BAD_RELEASE)
  })

  it('has the old faults in it, each of them of a request', () => {
    const exceptions = events.filter(({ event }) => event === 'exception')
    const requests = new Set(events.filter(({ event }) => event !== 'exception').map(idOf))
    expect(new Set(exceptions.map(({ properties }) => properties.exception_type))).toEqual(
      new Set(['SyntaxError', 'GatewayError', 'MailError']),
    )
    for (const exception of exceptions) expect(requests).toContain(idOf(exception))
  })

  it('has the jobs of every order in it where a worker is there for them', async () => {
    const all = await makeHistory({ ...options, worker: 'worker' })
    const { rejected } = parseEvents(structuredClone(all), until)
    expect(rejected).toEqual([])
    const paid = all.filter(({ properties: p }) => p.action === 'pay' && p.status_code === 200).map(idOf)
    const attempts = all.filter(({ event }) => event.startsWith('task_'))
    const receipts = attempts.filter(({ properties }) => properties.task_name === 'email.receipt')
    const ended = receipts.filter(({ event, properties }) => event === 'task_completed' || properties.final)
    expect(paid.length).toBeGreaterThan(100)
    // The last order's jobs may be beyond the past's end.
    expect(paid.length - new Set(ended.map(idOf)).size).toBeLessThan(3)
    for (const attempt of attempts) expect(paid).toContain(idOf(attempt))
    const lost = ended.filter(({ properties }) => properties.final)
    expect(lost.length).toBeGreaterThan(0)
    for (const { properties } of lost)
      expect(properties).toMatchObject({ exception_type: 'MailError', attempt: 3, reason: 'exhausted' })
    expect(all.filter(({ properties }) => properties.mechanism === 'manual')).toEqual([])
  })

  it('makes the same visits for the same seed', async () => {
    const told = (list: typeof events) =>
      list.map(({ event, timestamp, properties }) => [event, timestamp, properties.path])
    expect(told(await makeHistory(options))).toEqual(told(events))
  })
})

function idOf({ properties }: (typeof events)[number]) {
  return properties.request_id
}
