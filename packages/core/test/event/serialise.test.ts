import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonSize } from '../../src/event/json-size.js'
import { LIMITS } from '../../src/event/limits.js'
import type { AnalyticsEvent, EventProperties } from '../../src/event/schema.js'
import { serialise, shrink } from '../../src/event/serialise.js'

const event = (properties: EventProperties, name = 'pageview'): AnalyticsEvent => ({
  site_id: 'site_1',
  event: name,
  event_id: '019470f0-0000-7000-8000-000000000000',
  timestamp: '2026-11-22T03:02:11.482Z',
  properties,
})

const fail = (): never => {
  throw new Error('no')
}

const own = {
  path: '/users/42',
  method: 'GET',
  status_code: 200,
  duration_ms: 3.21,
  user_id: null,
  referrer: null,
}
const parsed = (text: string | null) => JSON.parse(text ?? 'null') as AnalyticsEvent

describe('an event that fits', () => {
  it.each<[string, EventProperties]>([
    ['a small one', { ...own, plan: 'pro' }],
    ['one of many bytes a character', { ...own, text: '€'.repeat(21_000) }],
    ['one that tells of \\ud800', { ...own, text: 'C:\\users\\udo' }],
  ])('is its JSON: %s', (_name, properties) => {
    expect(serialise(event(properties))).toBe(JSON.stringify(event(properties)))
  })

  it('has no lone surrogate', () => {
    const text = serialise(event({ ...own, list: ['\ud800'], '\udc00': { a: '\udfff' } }))
    expect(parsed(text).properties).toEqual({ ...own, list: ['\ufffd'], '\ufffd': { a: '\ufffd' } })
  })
})

describe('an event that is too big', () => {
  it('gives of its biggest custom property first', () => {
    const properties = { ...own, small: 'a'.repeat(900), big: 'é'.repeat(60_000), list: ['x', 'y'] }
    const text = serialise(event(properties))
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LIMITS.eventBytes)
    expect(Buffer.byteLength(text)).toBeGreaterThan(LIMITS.eventBytes - 100)
    const { big, ...rest } = parsed(text).properties
    expect(rest).toEqual({ ...own, small: properties.small, list: ['x', 'y'] })
    expect(big).toMatch(/^é+…$/)
  })

  it('keeps the keys and small parts of a big object', () => {
    const cart = { note: 'gift', lines: Array.from({ length: 90 }, () => 'y'.repeat(1000)) }
    const { properties } = parsed(serialise(event({ ...own, cart })))
    const kept = properties.cart as typeof cart
    expect(kept.note).toBe('gift')
    expect(kept.lines).toHaveLength(90)
    expect(kept.lines.every(line => /^y+…$/.test(line))).toBe(true)
  })

  it('marks how many keys and items it left out', () => {
    const many = Object.fromEntries(Array.from({ length: 9000 }, (_, i) => [`key-number-${i}`, i]))
    const { properties } = parsed(
      serialise(event({ ...own, many, items: Array.from({ length: 90_000 }, () => 1) })),
    )
    expect((properties.many as Record<string, unknown>)['…']).toMatch(/^\d+ more$/)
    expect((properties.items as unknown[]).at(-1)).toMatch(/^… \d+ more$/)
  })

  it('takes from the schema’s own values last, and keeps their names and kinds', () => {
    const cause = { exception_type: 'Error', exception_message: 'm', traceback: '漢'.repeat(5000) }
    const properties = {
      ...{
        path: '/',
        method: 'GET',
        exception_type: 'Error',
        exception_message: 'no',
        duration_ms: 1.5,
        handled: true,
      },
      traceback: '字'.repeat(5000),
      causes: Array.from({ length: 10 }, () => cause),
      custom: { a: 1 },
    }
    const text = serialise(event(properties, 'exception'))
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LIMITS.eventBytes)
    const kept = parsed(text).properties as typeof properties
    expect(kept).toMatchObject({ ...properties, causes: expect.any(Array) })
    expect(kept.causes).toHaveLength(10)
    expect(kept.causes.every(part => part.exception_message === 'm' && /^漢+…$/.test(part.traceback))).toBe(
      true,
    )
  })
})

describe('what `beforeSend` may leave', () => {
  const cycle: Record<string, unknown> = { a: 1 }
  cycle.self = cycle

  it.each<[string, EventProperties, EventProperties]>([
    ['a BigInt', { ...own, id: 1n }, { ...own, id: '1' }],
    ['a cycle', { ...own, cycle }, { ...own, cycle: { a: 1, self: '[circular]' } }],
    ['a toJSON that throws', { toJSON: fail, path: '/' }, { path: '/' }],
  ])('%s is written all the same', (_name, properties, expected) => {
    expect(parsed(serialise(event(properties))).properties).toMatchObject(expected)
  })

  it('a long traceback stays long beside it', () => {
    const traceback = 't'.repeat(5000)
    expect(parsed(serialise(event({ traceback, id: 1n }, 'exception'))).properties.traceback).toBe(traceback)
  })

  it('a name without end is cut', () => {
    const text = serialise({ ...event(own, 'n'.repeat(100_000)), site_id: 's'.repeat(100_000) })
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LIMITS.eventBytes)
  })
})

describe('shrink', () => {
  const big = serialise(
    event({ ...own, rows: Array.from({ length: 100 }, () => 'z'.repeat(500)), note: 'gift' }),
  )

  it('halves, again and again, until there is nothing to give', () => {
    let text: string | null = big
    let steps = 0
    for (let smaller = shrink(text); smaller !== null; smaller = shrink(text)) {
      expect(Buffer.byteLength(smaller)).toBeLessThanOrEqual(Math.max(2048, Buffer.byteLength(text) / 2))
      expect(parsed(smaller)).toMatchObject(event({ ...own, note: 'gift' }))
      text = smaller
      steps++
    }
    expect(steps).toBeGreaterThan(3)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2048)
  })

  it.each([
    ['nothing', ''],
    ['no JSON', '{'.padEnd(5000)],
    ['no event', '[]'.padEnd(5000)],
    ['null', 'null'.padEnd(5000)],
    ['a small event', serialise(event(own))],
  ])('is null for %s', (_name, text) => {
    expect(shrink(text)).toBeNull()
  })
})

it('is never above 64 KiB, always JSON, and keeps the schema’s own', () => {
  const length = fc.oneof(fc.nat(10), fc.nat(1000))
  const long = fc
    .tuple(fc.string({ unit: 'binary', maxLength: 5 }), length)
    .map(([text, n]) => text.repeat(n))
  const wide = fc.tuple(long, fc.nat(100)).map(([text, n]) => Array.from({ length: n }, () => text))
  const custom = fc.dictionary(
    fc.oneof(long, fc.string()),
    fc.oneof(wide, wide, long, fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' })),
    { minKeys: 10, maxKeys: 60, size: 'max' },
  )
  fc.assert(
    fc.property(custom, properties => {
      const text = serialise(event({ ...properties, ...own }))
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LIMITS.eventBytes)
      expect(parsed(text)).toMatchObject(event(own))
      const smaller = shrink(text)
      if (smaller !== null) expect(parsed(smaller)).toMatchObject(event(own))
      if (smaller !== null) expect(smaller.length).toBeLessThan(text.length)
    }),
    { numRuns: 30 },
  )
})

it('measures JSON without writing it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), value => {
      expect(jsonSize(value)).toBe(Buffer.byteLength(JSON.stringify(value)))
    }),
  )
})
