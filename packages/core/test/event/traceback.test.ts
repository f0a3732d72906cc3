import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { describeError } from '../../src/event/exception.js'
import { LIMITS } from '../../src/event/limits.js'

const traceback = (error: unknown): string => describeError(error).traceback
const linesOf = (error: unknown): string[] => traceback(error).split('\n')

function withStack(message: string, frames: string[], cause?: unknown): Error {
  const error = new Error(message, { cause })
  error.stack = [`Error: ${message}`, ...frames].join('\n')
  return error
}

const app = (i: number | string) => `    at handler${i} (/app/src/routes/orders.js:${i}:11)`
const library = (i: number) => `    at next${i} (/app/node_modules/fastify/lib/hooks.js:${i}:5)`
const runtime = (i: number) => `    at run${i} (node:internal/process/task_queues:${i}:5)`
const many = (count: number, line: (i: number) => string) => Array.from({ length: count }, (_, i) => line(i))

describe('a traceback', () => {
  it('is the stack where that fits', () => {
    const frames = [app(1), library(2), runtime(3), app(4)]
    expect(linesOf(withStack('no', frames))).toEqual(['Error: no', ...frames])
  })

  it('begins with the class as it is named, and the first line of the message', () => {
    class PaymentError extends Error {}
    const lines = linesOf(new PaymentError('first\n    at fake (/fake.js:1:1)\nthird'))
    expect(lines[0]).toBe('PaymentError: first …')
    expect(lines[1]).toMatch(/^ {4}at .*traceback\.test\.ts:\d+:\d+/)
    expect(lines.join()).not.toContain('fake')
  })

  it.each<[string, (error: Error) => void, string[]]>([
    ['was deleted', error => delete (error as { stack?: string }).stack, ['Error: no']],
    ['is no string', error => Object.assign(error, { stack: [{ file: 'a' }] }), ['Error: no']],
    ['has no frames', error => Object.assign(error, { stack: 'Error: no' }), ['Error: no']],
    ['tells an older message', error => Object.assign(error, { message: 'new' }), ['Error: new', app(1)]],
    [
      'is of another kind',
      error => Object.assign(error, { stack: 'a\nb@c.js:1' }),
      ['Error: no', 'b@c.js:1'],
    ],
  ])('stands although the stack %s', (_name, change, expected) => {
    const error = withStack('no', [app(1)])
    change(error)
    expect(linesOf(error)).toEqual(expected)
  })

  it('tells where a syntax error was found', () => {
    const error = new SyntaxError('Unexpected identifier')
    error.stack =
      '/app/views/cart.js:7\nfoo bar\n    ^^^\n\nSyntaxError: Unexpected identifier\n    at compile (node:vm:1:1)'
    expect(linesOf(error)).toEqual([
      'SyntaxError: Unexpected identifier',
      '    at /app/views/cart.js:7',
      '    at compile (node:vm:1:1)',
    ])
  })
})

describe('a traceback that is too long', () => {
  it('keeps the throw site and the application’s frames before libraries’ and the runtime’s', () => {
    const frames = [
      library(0),
      ...many(60, runtime),
      ...many(120, library),
      app(1),
      ...many(60, runtime),
      app(2),
    ]
    const lines = linesOf(withStack('no', frames))
    expect(lines.slice(0, 2)).toEqual(['Error: no', library(0)])
    expect(lines).toEqual(expect.arrayContaining([app(1), app(2)]))
    expect(lines.filter(line => line.includes('node_modules')).length).toBeGreaterThan(40)
    expect(lines.filter(line => line.includes('node:'))).toEqual([])
    expect(lines.at(-1)).toMatch(/^ {4}… \d+ lines left out$/)
    expect(frames.filter(frame => lines.includes(frame))).toEqual(lines.slice(1, -1))
  })

  it('keeps something of every cause', () => {
    const frames = [...many(200, i => app(i)), ...many(100, library)]
    let error: Error | undefined
    for (let i = 9; i >= 0; i--)
      error = withStack(`fault ${i} ${'x'.repeat(900)}`, [app(`${i}000`), ...frames], error)
    const text = traceback(error)
    for (let i = 0; i < 10; i++) {
      expect(text).toContain(`Error: fault ${i}`)
      expect(text).toContain(app(`${i}000`))
    }
  })

  it('gives the error what its causes leave', () => {
    const lines = linesOf(
      withStack(
        'no',
        many(300, i => app(i)),
        new Error('why'),
      ),
    )
    expect(lines.filter(line => line.startsWith('    at handler')).length).toBeGreaterThan(60)
    expect(lines).toContain('Caused by: Error: why')
  })

  it('cuts a message, not the frames', () => {
    const lines = linesOf(withStack('m'.repeat(100_000), [app(1), ...many(200, library), app(2)]))
    expect(lines[0]).toMatch(/^Error: m{300,}…$/)
    expect(lines).toEqual(expect.arrayContaining([app(1), app(2)]))
  })

  it('cuts a line of any length', () => {
    const lines = linesOf(withStack('no', [`    at f (data:text/javascript,${'x'.repeat(50_000)})`, app(1)]))
    expect(lines[1]).toMatch(/^ {4}at f \(data:.*…$/)
    expect(lines[2]).toBe(app(1))
  })
})

describe('a recursion', () => {
  const { stackTraceLimit } = Error
  afterEach(() => {
    Error.stackTraceLimit = stackTraceLimit
  })

  it.each([
    ['of one function', ['a']],
    ['of two that call each other', ['a', 'b']],
    ['of five', ['a', 'b', 'c', 'd', 'e']],
  ])('%s is folded', (_name, circle) => {
    const frames = circle.map(app)
    const turns = Array.from({ length: 500 }, () => frames).flat()
    expect(linesOf(withStack('deep', [...turns, app('start')]))).toEqual([
      'Error: deep',
      ...frames,
      `    … ${499 * circle.length} more of the same`,
      app('start'),
    ])
  })

  it('is folded with as many frames as the engine tells', () => {
    Error.stackTraceLimit = Number.POSITIVE_INFINITY
    const dive = (depth: number): number => dive(depth + 1) + 1
    const start = () => dive(0)
    const lines = linesOf(thrownBy(start))
    expect(lines[0]).toBe('RangeError: Maximum call stack size exceeded')
    expect(lines[1]).toMatch(/at dive /)
    expect(lines.find(line => /… \d{3,} more of the same/.test(line))).toBeDefined()
    expect(lines.filter(line => /at dive /.test(line)).length).toBeLessThan(5)
    expect(lines.find(line => /at start /.test(line))).toBeDefined()
  })

  it('is left out together with its count', () => {
    const turns = Array.from({ length: 500 }, () => runtime(1))
    const lines = linesOf(withStack('deep', [app(0), ...turns, ...many(200, app)]))
    expect(lines).not.toContain(runtime(1))
    expect(lines.join()).not.toContain('more of the same')
  })

  it('is not seen in two equal frames, or in lines that are none', () => {
    const frames = [app(1), app(1), app(2), 'odd', 'odd', 'odd', 'odd']
    expect(linesOf(withStack('no', frames))).toEqual(['Error: no', ...frames])
  })
})

it('is at most 5,000 characters and begins with type and message, whatever the stack', () => {
  const text = fc
    .tuple(fc.string({ unit: 'binary', maxLength: 8 }), fc.nat(200))
    .map(([part, n]) => part.repeat(n))
  const frame = fc.oneof(fc.nat(3).map(app), fc.nat(3).map(library), fc.nat(3).map(runtime), text)
  const stack = fc.array(frame, { maxLength: 200, size: 'max' })
  fc.assert(
    fc.property(text, stack, stack, (message, own, other) => {
      const written = traceback(withStack(message, own, withStack('cause', other)))
      expect([...written].length).toBeLessThanOrEqual(LIMITS.traceback)
      expect(written.startsWith(message === '' ? 'Error\n' : 'Error: ')).toBe(true)
      expect(written).toContain('\nCaused by: Error: cause')
    }),
    { numRuns: 50 },
  )
})

it.each<[string, () => Error]>([
  ['a message of 10 MB', () => new Error('m'.repeat(1e7))],
  ['a message of 5 million lines', () => new Error('m\n'.repeat(5e6))],
  ['a stack of 100,000 frames', () => withStack('x', many(100_000, app))],
  ['a stack of a million lines', () => withStack('x', many(1_000_000, String))],
  ['a stack of blanks', () => Object.assign(new Error('x'), { stack: ' '.repeat(1e7) })],
  ['a million addresses', () => new Error('://a:'.repeat(1e6))],
])('is bounded in spite of %s', (_name, make) => {
  const text = traceback(make())
  expect(text.length).toBeLessThanOrEqual(LIMITS.traceback)
})

function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
