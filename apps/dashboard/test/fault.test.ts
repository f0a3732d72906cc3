import { describe, expect, it } from 'vitest'
import { listReader, reader, readHealth, readSeries, type StoredEvent } from '../src/data/answers.js'
import { readFault } from '../src/data/fault.js'
import { faultToMarkdown, tableToMarkdown } from '../src/text/markdown.js'
import { outage, paymentFailure } from './events.js'

const AT = Date.parse('2026-11-22T03:02:11.482Z')

function fault(properties: Record<string, unknown>, event = 'exception') {
  return readFault({ ...paymentFailure(AT), event, properties } as StoredEvent)
}

describe('readFault', () => {
  it('reads an exception of a request', () => {
    const read = readFault(paymentFailure(AT) as StoredEvent)
    expect(read).toMatchObject({
      at: AT,
      type: 'TypeError',
      place: 'POST /checkout/:cart/pay',
      job: false,
      release: 'api@2026.11.22-1',
      user: 'u_1042',
    })
    expect(read.facts).toContainEqual(['Request id', '019ab3c1-77aa-7000-8000-5f1c2e9d0001'])
    expect(read.facts).toContainEqual(['plan', 'team'])
  })

  it('reads a job that failed for good', () => {
    const read = fault({ task_name: 'email.receipt', queue: 'mail', final: true }, 'task_failed')
    expect(read).toMatchObject({ job: true, place: 'email.receipt in mail', type: 'Error' })
    expect(read.facts).toContainEqual(['Outcome', 'failed for good'])
  })

  it.each([
    ['nothing', {}],
    ['nulls', { exception_type: null, traceback: null, causes: null, route: null, path: null }],
    ['other types', { exception_type: 7, traceback: ['x'], causes: 'many', path: { a: 1 }, release: false }],
    ['causes that are none', { causes: [null, 'x', 4] }],
  ])('survives %s', (_, properties) => {
    const read = fault(properties)
    expect(read.causes).toEqual([])
    expect(typeof read.type).toBe('string')
    expect(typeof read.traceback).toBe('string')
  })

  it('tells a cause once: not in the text as well', () => {
    const cause = { exception_type: 'Error', exception_message: 'refused', traceback: 'Error: refused' }
    const read = fault({
      traceback: 'A: b\n    at x (/y.js:1:1)\nCaused by: Error: refused',
      causes: [cause],
    })
    expect(read.traceback).toBe('A: b\n    at x (/y.js:1:1)')
    expect(read.causes).toHaveLength(1)
  })

  it('spells out controls in every text, names of custom properties included', () => {
    const read = fault({ exception_message: '\u202Eexe', user_id: '\u202Eu', 'a\u202Eb': '\u202Ec' })
    expect(JSON.stringify(read)).not.toContain('\u202E')
  })
})

describe('Copy as Markdown', () => {
  it('holds the fault, its facts and its causes', () => {
    const markdown = faultToMarkdown(readFault(outage(AT) as StoredEvent))
    expect(markdown).toContain('### `DatabaseError: the connection pool gave up after 5000 ms`')
    expect(markdown).toContain('- Where: `GET /api/orders`')
    expect(markdown).toContain('Caused by:\n\n```text\nError: connect ECONNREFUSED')
  })

  it('lets no text out of its code', () => {
    const markdown = faultToMarkdown(
      fault({ exception_type: 'A`b``', exception_message: 'x\n# title', traceback: '````\n<img src=x>' }),
    )
    expect(markdown).toContain('### ``` A`b``: x # title ```')
    expect(markdown).toContain('`````text\n````\n<img src=x>\n`````')
  })

  it('lets no text out of its cell', () => {
    const columns = [
      { title: 'Error', text: (row: string) => row },
      { title: 'Count', figure: true, text: () => '1' },
    ]
    expect(tableToMarkdown('Errors', columns, ['a | b\n# <img> [x](y) \u202E'])).toBe(
      '### Errors\n\n| Error | Count |\n| --- | ---: |\n| a \\| b \\# \\<img\\> \\[x\\](y) ⟨U+202E⟩ | 1 |',
    )
  })
})

describe('answers', () => {
  it('reads a series whatever is missing or odd in it', () => {
    const series = readSeries({
      step_ms: 60_000,
      buckets: [{ at: '2026-11-22T03:02:00Z', requests: 3, failures: -1, visitors: '4' }, { at: 'x' }, null],
      marks: [
        { at: '2026-11-22T03:02:00Z', release: 'b' },
        { at: '2026-11-22T03:00:00Z', release: 'a' },
      ],
    })
    expect(series.buckets).toEqual([
      {
        at: Date.parse('2026-11-22T03:02:00Z'),
        requests: 3,
        failures: 0,
        rejected: 0,
        pageviews: 0,
        visitors: 0,
        task_failures: 0,
      },
    ])
    expect(series.marks.map(mark => mark.release)).toEqual(['a', 'b'])
    expect(series).toMatchObject({ queues: [], complete: true, dropped: 0 })
  })

  it('reads the failed jobs of each queue, the worst first', () => {
    const at = '2026-11-22T03:02:00Z'
    const { queues } = readSeries({
      step_ms: 60_000,
      buckets: [],
      series: [
        { key: 'pdf', buckets: [{ at, task_failures: 1 }] },
        { key: 'calm', buckets: [{ at, task_failures: 0 }] },
        { key: 'mail', buckets: [{ at, task_failures: 3 }, null] },
        { key: '', buckets: [{ at, task_failures: 9 }] },
      ],
    })
    expect(queues.map(({ name, total }) => [name, total])).toEqual([
      ['mail', 3],
      ['pdf', 1],
    ])
    expect(queues[0]?.failures.get(Date.parse(at))).toBe(3)
  })

  it.each([
    ['series', readSeries],
    ['health', readHealth],
    ['list', listReader<{ items: unknown[] }>()],
    ['answer', reader<{ sentence: string }>('sentence')],
  ])('a %s that is something else is refused', (_, read) => {
    for (const answer of [null, [], 'text', {}, { step_ms: 'x', items: 1, status: 2 }])
      expect(() => read(answer)).toThrow(TypeError)
  })
})
