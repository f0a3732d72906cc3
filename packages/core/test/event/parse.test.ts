import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeError } from '../../src/event/exception.js'
import { newId } from '../../src/event/id.js'
import { parseEvents } from '../../src/event/parse.js'
import { createSecretTest } from '../../src/event/redact.js'
import {
  type AnalyticsEvent,
  type ApiRequestProperties,
  type ClientReportProperties,
  EVENT_NAMES,
  type EventProperties,
  type ExceptionProperties,
  type PageviewProperties,
  type TaskCompletedProperties,
  type TaskFailedProperties,
} from '../../src/event/schema.js'
import { serialise } from '../../src/event/serialise.js'
import { cut } from '../../src/event/text.js'
import { snapshotProperties } from '../../src/event/values.js'
import { anything } from './hostile.js'

const received = new Date('2026-11-22T03:02:12.000Z')
const least = { site_id: 'site_1', event: 'pageview' }

const parseOne = (input: unknown): AnalyticsEvent | undefined => parseEvents(input, received).events[0]?.event
const reasonFor = (input: unknown): string | undefined => parseEvents(input, received).rejected[0]?.reason
const propertiesOf = (properties: EventProperties, event = 'pageview'): unknown =>
  parseOne({ ...least, event, properties })?.properties

describe('an event', () => {
  it('needs only a site and a name', () => {
    expect(parseOne(least)).toEqual({
      ...least,
      event_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      timestamp: '2026-11-22T03:02:12.000Z',
      properties: {},
    })
  })

  it('has nothing that it should not have', () => {
    expect(parseOne({ ...least, api_key: 'k', ip: '::1' })).not.toHaveProperty('api_key')
  })

  it.each(['019470f0-0000-7000-8000-000000000000', '42', 'a b', 'ü'.repeat(100)])(
    'may have the id %s',
    event_id => {
      expect(parseOne({ ...least, event_id })?.event_id).toBe(event_id)
    },
  )

  it.each([
    ['2026-11-22T03:02:11.482Z', '2026-11-22T03:02:11.482Z'],
    ['2026-11-22T03:02:11.482913+00:00', '2026-11-22T03:02:11.482Z'],
    ['2026-11-22T05:02:11+0200', '2026-11-22T03:02:11.000Z'],
    ['2026-11-22T05:02:11+02', '2026-11-22T03:02:11.000Z'],
    ['2026-11-22 03:02:11', '2026-11-22T03:02:11.000Z'],
    ['2026-11-22T03:02', '2026-11-22T03:02:00.000Z'],
    ['2026-11-22', '2026-11-22T00:00:00.000Z'],
    ['2024-02-29T00:00:00,5Z', '2024-02-29T00:00:00.500Z'],
    ['2000-01-01T00:00:00Z', '2000-01-01T00:00:00.000Z'],
    ['2026-11-23T03:02:12Z', '2026-11-23T03:02:12.000Z'],
  ])('of %s was at %s', (timestamp, expected) => {
    expect(parseOne({ ...least, timestamp })?.timestamp).toBe(expected)
  })
})

describe('a rejection', () => {
  it.each<[unknown, string]>([
    [undefined, 'expected an event object, got undefined'],
    [null, 'expected an event object, got null'],
    ['a', 'expected an event object, got "a"'],
    [[[least]], 'expected an event object, got an array'],
    [{ event: 'a' }, 'site_id: expected a string of 1 to 1000 characters, got nothing'],
    [{ site_id: '', event: 'a' }, 'site_id: expected a string of 1 to 1000 characters, got ""'],
    [{ site_id: 1, event: 'a' }, 'site_id: expected a string of 1 to 1000 characters, got 1'],
    [{ site_id: 'a' }, 'event: expected a string of 1 to 1000 characters, got nothing'],
    [{ site_id: 'a', event: {} }, 'event: expected a string of 1 to 1000 characters, got an object'],
    [{ ...least, event_id: '' }, 'event_id: expected a string of 1 to 100 printable characters, got ""'],
    [{ ...least, event_id: 7 }, 'event_id: expected a string of 1 to 100 printable characters, got 7'],
    [
      { ...least, event_id: 'a\n' },
      'event_id: expected a string of 1 to 100 printable characters, got "a\\n"',
    ],
    [
      { ...least, timestamp: 'now' },
      'timestamp: expected an ISO 8601 time from 2000 to a day from now, got "now"',
    ],
    [{ ...least, properties: [] }, 'properties: expected an object, got an array'],
    [{ ...least, properties: 'a' }, 'properties: expected an object, got "a"'],
  ])('of %j says why', (input, reason) => {
    expect(parseEvents(input, received).events).toEqual([])
    expect(reasonFor(input)).toBe(reason)
  })

  it.each([
    ...[
      '1999-12-31T23:59:59Z',
      '2026-11-23T03:02:13Z',
      '2026-02-30T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '2026',
      '',
    ],
    ...[
      '2026-11-22T25:00:00Z',
      '22/11/2026',
      'Sun, 22 Nov 2026 03:02:11 GMT',
      1_700_000_000_000,
      {},
      '+2026-01-01',
    ],
  ])('is what a timestamp of %j gets', timestamp => {
    expect(reasonFor({ ...least, timestamp })).toMatch(/^timestamp: /)
  })

  it.each<[string, string, unknown, string]>([
    ['pageview', 'status_code', 'abc', 'an integer or null, got "abc"'],
    ['pageview', 'status_code', 200.5, 'an integer or null, got 200.5'],
    ['pageview', 'duration_ms', '3.21', 'a finite number or null, got "3.21"'],
    ['pageview', 'path', 42, 'a string or null, got 42'],
    ['pageview', 'navigation', 'yes', 'true, false or null, got "yes"'],
    ['pageview', 'release', ['a'], 'a string or null, got an array'],
    ['api_request', 'query_params', 'a=1', 'an object or null, got "a=1"'],
    ['exception', 'handled', 1, 'true, false or null, got 1'],
    ['exception', 'causes', {}, 'an array of causes or null, got an object'],
    ['exception', 'causes', ['a'], 'an array of causes or null, got an array'],
    ['exception', 'causes', [{ exception_type: 1 }], 'an array of causes or null, got an array'],
    ['task_failed', 'attempt', 1.5, 'an integer or null, got 1.5'],
    ['client_report', 'dropped', { queue_full: -1 }, 'an object of counts or null, got an object'],
    ['client_report', 'dropped', [1], 'an object of counts or null, got an array'],
    ['signup', 'release', 7, 'a string or null, got 7'],
  ])('of a %s names %s', (event, name, value, expected) => {
    expect(reasonFor({ ...least, event, properties: { [name]: value } })).toBe(
      `properties.${name}: expected ${expected}`,
    )
  })

  it('has the place of its item, and no other item has to suffer', () => {
    const { events, rejected } = parseEvents([least, 1, { ...least, event: 'b' }, {}], received)
    expect(events.map(({ index, event }) => [index, event.event])).toEqual([
      [0, 'pageview'],
      [2, 'b'],
    ])
    expect(rejected.map(({ index }) => index)).toEqual([1, 3])
  })

  it('echoes no more than 60 characters', () => {
    const long = '"x\u0000'.repeat(1000)
    for (const input of [
      long,
      { site_id: long },
      { ...least, event_id: long },
      { ...least, timestamp: long },
    ]) {
      expect(reasonFor(input)?.split(', got ')[1]?.length).toBeLessThanOrEqual(60)
    }
    const status_code = 10 ** 300
    expect(reasonFor({ ...least, properties: { status_code } })?.length).toBeLessThan(120)
  })
})

describe('properties', () => {
  it('of the schema are cut to their limits', () => {
    const properties = { path: 'p'.repeat(3000), user_agent: 'u'.repeat(3000), method: 'm'.repeat(3000) }
    expect(propertiesOf(properties)).toEqual({
      path: `${'p'.repeat(2047)}…`,
      user_agent: `${'u'.repeat(499)}…`,
      method: `${'m'.repeat(999)}…`,
    })
    const causes = [
      { exception_type: 'A', exception_message: 'b'.repeat(2000), traceback: 't'.repeat(9000), odd: 1 },
    ]
    expect(propertiesOf({ causes, traceback: 't'.repeat(9000) }, 'exception')).toEqual({
      causes: [
        { exception_type: 'A', exception_message: `${'b'.repeat(999)}…`, traceback: `${'t'.repeat(4999)}…` },
      ],
      traceback: `${'t'.repeat(4999)}…`,
    })
  })

  it('may be null where they are unknown', () => {
    const properties = { path: null, status_code: null, duration_ms: null, user_id: null, navigation: null }
    expect(propertiesOf(properties)).toEqual(properties)
  })

  it('of another event of the schema are custom', () => {
    expect(propertiesOf({ final: 'maybe', queue: 7 })).toEqual({ final: 'maybe', queue: 7 })
    expect(propertiesOf({ path: 7, status_code: 'a' }, 'signup')).toEqual({ path: 7, status_code: 'a' })
  })

  it('of one’s own pass, within the limits of a snapshot', () => {
    const deep = { a: { b: { c: { d: { e: { f: 1 } } } } } }
    expect(propertiesOf({ deep, password: 'as sent', list: new Array(200).fill(0) })).toMatchObject({
      deep: { a: { b: { c: { d: '[Object …]' } } } },
      password: 'as sent',
      list: expect.objectContaining({ length: 100 }),
    })
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, i]))
    expect(Object.keys(propertiesOf({ ...many, path: '/' }) as object)).toHaveLength(101)
  })

  it('pollute nothing', () => {
    const text =
      '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, "a": {"__proto__": 1}}'
    const properties = propertiesOf(JSON.parse(text)) as Record<string, unknown>
    expect(Object.keys(properties)).toEqual(['constructor', 'a'])
    expect(properties.a).toEqual({})
    expect(Object.getPrototypeOf(properties)).toBe(Object.prototype)
    expect(parseOne(JSON.parse(`{"__proto__": ${JSON.stringify(least)}}`))).toBeUndefined()
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('have no lone surrogate, and keep NUL', () => {
    const input = JSON.parse('{"path": "/\\ud800\\u0000", "own": ["\\udfff"], "\\udc00": 1}')
    expect(propertiesOf(input)).toEqual({ path: '/\ufffd\u0000', own: ['\ufffd'], '\ufffd': 1 })
    expect(parseOne({ site_id: 'a\ud800', event: 'b\ud800' })).toMatchObject({
      site_id: 'a\ufffd',
      event: 'b\ufffd',
    })
  })

  it('may be nested without end', () => {
    const properties = JSON.parse(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)
    expect(propertiesOf(properties)).toEqual({ a: [[[['[Array …]']]]] })
    expect(propertiesOf({ query_params: properties }, 'api_request')).toMatchObject({
      query_params: { a: [[[['[Array …]']]]] },
    })
  })
})

it('takes anything without throwing, and answers with events that it would take again', () => {
  const item = fc.record(
    {
      site_id: fc.oneof(fc.constant('site_1'), fc.string({ unit: 'binary' })),
      event: fc.oneof(fc.constantFrom(...EVENT_NAMES), fc.string({ unit: 'binary' })),
      event_id: fc.oneof(fc.uuid(), fc.string({ unit: 'binary' })),
      timestamp: fc.oneof(fc.constant('2026-11-22T03:02:11Z'), fc.string()),
    },
    { requiredKeys: ['site_id', 'event'] },
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(item, anything)), items => {
      const input = items.map(([rest, make]) => ({ ...rest, properties: make() }))
      const { events, rejected } = parseEvents(input, received)
      expect(events.length + rejected.length).toBe(input.length)
      const again = parseEvents(JSON.parse(JSON.stringify(events.map(({ event }) => event))), received)
      expect(again.events.map(({ event }) => event)).toEqual(events.map(({ event }) => event))
    }),
  )
  fc.assert(
    fc.property(fc.jsonValue(), input => {
      expect(parseEvents(input, received).events).toEqual([])
    }),
  )
})

describe('an event of our own', () => {
  const text = (limit: number) =>
    fc.string({ unit: 'binary', maxLength: limit + 20 }).map(value => cut(value, limit))
  const short = text(1000)
  const nothingOr = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })
  const count = fc.nat()
  const ms = fc
    .float({ min: 0, max: 1e6, noNaN: true, noDefaultInfinity: true })
    .map(value => Math.round(value * 100) / 100)
  const failure = anything.map(make => {
    const { code, syscall, ...facts } = describeError(make())
    return facts
  })

  const common = { release: short, environment: short, service: short, host: short, sdk: short }
  const request = {
    ...common,
    path: text(2048),
    method: short,
    status_code: nothingOr(fc.integer({ min: 100, max: 599 })),
    duration_ms: ms,
    user_id: nothingOr(short),
    route: short,
    outcome: fc.constantFrom('ok' as const, 'client_abort' as const, 'stream_error' as const),
    request_id: fc.uuid(),
    trace_id: short,
    visitor_id: short,
    navigation: fc.boolean(),
    utm_source: short,
    utm_medium: short,
    utm_campaign: short,
    utm_term: short,
    utm_content: short,
    weight: ms,
  }
  const pageview: fc.Arbitrary<Partial<PageviewProperties>> = fc.record(
    { ...request, referrer: nothingOr(text(2048)), user_agent: nothingOr(text(500)) },
    { requiredKeys: [] },
  )
  const parameter = fc.string().filter(name => name !== '__proto__')
  const apiRequest: fc.Arbitrary<Partial<ApiRequestProperties>> = fc.record(
    {
      ...request,
      viewset: nothingOr(short),
      action: nothingOr(short),
      query_params: fc.dictionary(parameter, fc.oneof(short, fc.array(short, { maxLength: 20 })), {
        noNullPrototype: true,
      }),
    },
    { requiredKeys: [] },
  )
  const exception: fc.Arbitrary<Partial<ExceptionProperties>> = fc
    .tuple(
      failure,
      fc.record(
        {
          ...common,
          path: nothingOr(text(2048)),
          method: nothingOr(short),
          duration_ms: nothingOr(ms),
          status_code: count,
          user_id: short,
          mechanism: fc.constantFrom('request' as const, 'job' as const, 'uncaught' as const),
          handled: fc.boolean(),
          borrowed_status: fc.constant(true as const),
          code: short,
          syscall: short,
          repeated: count,
        },
        { requiredKeys: [] },
      ),
    )
    .map(([facts, rest]) => ({ ...facts, ...rest }))
  const task = {
    ...common,
    task_name: short,
    task_id: nothingOr(short),
    duration_ms: nothingOr(ms),
    queue: short,
    attempt: count,
    max_attempts: count,
    wait_ms: ms,
    request_id: fc.uuid(),
    enqueued_release: short,
  }
  const completed: fc.Arbitrary<Partial<TaskCompletedProperties>> = fc.record(
    { ...task, state: fc.constant('completed' as const) },
    { requiredKeys: [] },
  )
  const failed: fc.Arbitrary<Partial<TaskFailedProperties>> = fc
    .tuple(
      failure,
      fc.record(
        { ...task, final: fc.boolean(), reason: fc.constantFrom('error' as const, 'stalled' as const) },
        { requiredKeys: [] },
      ),
    )
    .map(([facts, rest]) => ({ ...facts, ...rest }))
  const report: fc.Arbitrary<Partial<ClientReportProperties>> = fc.record({
    dropped: fc.dictionary(fc.constantFrom('queue_full', 'expired', 'closed'), count, {
      noNullPrototype: true,
    }),
    since: fc.constant('2026-11-22T03:02:11.482Z'),
    until: fc.constant('2026-11-22T03:02:12.482Z'),
  })

  const named = fc.oneof(
    ...(
      [
        ['pageview', pageview],
        ['api_request', apiRequest],
        ['exception', exception],
        ['task_completed', completed],
        ['task_failed', failed],
        ['client_report', report],
        ['signup', fc.record(common, { requiredKeys: [] })],
      ] as [string, fc.Arbitrary<EventProperties>][]
    ).map(([event, properties]) => fc.tuple(fc.constant(event), properties)),
  )

  it('is accepted and comes back as it was sent', () => {
    const isSecret = createSecretTest()
    fc.assert(
      fc.property(
        named,
        anything,
        fc.date({ min: new Date(0), max: received, noInvalidDate: true }),
        ([name, own], make, date) => {
          const timestamp = date < new Date('2000-01-01') ? received : date
          const sent = serialise({
            site_id: 'site_1',
            event: name,
            event_id: newId(),
            timestamp: timestamp.toISOString(),
            properties: { ...namespaced(snapshotProperties(make(), isSecret)), ...own },
          })
          const { events, rejected } = parseEvents(JSON.parse(sent), received)
          expect(rejected).toEqual([])
          expect(events[0]?.event).toEqual(JSON.parse(sent))
        },
      ),
    )
  })
})

/** Custom properties never bear a name of the schema. */
function namespaced(properties: EventProperties): EventProperties {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [cut(`_${name}`, 1000), value]))
}
