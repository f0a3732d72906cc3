import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../src/event/limits.js'
import { createSecretTest } from '../../src/event/redact.js'
import { snapshot, snapshotProperties } from '../../src/event/values.js'
import { anything, hostile } from './hostile.js'

const isSecret = createSecretTest()
const take = (value: unknown): unknown => snapshot(value, isSecret)

class Money {
  readonly amount = 3
  readonly currency = 'EUR'
  get doubled(): number {
    return this.amount * 2
  }
}

describe('a snapshot', () => {
  it.each<[string, unknown, unknown]>([
    ['a string', 'a', 'a'],
    ['null', null, null],
    ['undefined', undefined, null],
    ['NaN', Number.NaN, 'NaN'],
    ['Infinity', -Infinity, '-Infinity'],
    ['-0', -0, 0],
    ['a BigInt', 9007199254740993n, '9007199254740993'],
    ['a BigInt too long to print', 10n ** 20_000n, '[BigInt …]'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['a function', function pay() {}, '[Function pay]'],
    ['a class', Money, '[Function Money]'],
    ['undefined in an object', { a: undefined, b: 1 }, { b: 1 }],
    ['undefined in an array', [undefined, 1], [null, 1]],
    ['a sparse array', Object.assign(new Array(3), { 0: 1, 2: 3 }), [1, null, 3]],
    ['symbol keys', { [Symbol('s')]: 1, a: 1 }, { a: 1 }],
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an invalid Date', new Date(Number.NaN), 'Invalid Date'],
    [
      'a Map',
      new Map<unknown, unknown>([
        ['a', 1],
        [2, new Map([['b', 3]])],
      ]),
      { a: 1, 2: { b: 3 } },
    ],
    [
      'a Map with odd keys',
      new Map<unknown, unknown>([
        [{}, 1],
        [Symbol('s'), 2],
      ]),
      { '[object 0]': 1, 'Symbol(s)': 2 },
    ],
    ['a Map with a secret', new Map([['password', 'x']]), { password: '[redacted]' }],
    ['a Set', new Set([1, 'b']), [1, 'b']],
    ['a Buffer', Buffer.from('secret bytes'), '[Uint8Array: 12 bytes]'],
    ['a typed array', new Float64Array(2), '[Float64Array: 16 bytes]'],
    ['an ArrayBuffer', new ArrayBuffer(8), '[ArrayBuffer: 8 bytes]'],
    ['a URL', new URL('https://user:pw@host/a?b=1'), 'https://[redacted]@host/a?b=1'],
    ['a RegExp', /a/g, '/a/g'],
    ['a promise', Promise.resolve(1), '[Promise]'],
    ['boxed primitives', [Object('a'), Object(1), Object(false), Object(1n)], ['a', 1, false, '1']],
    ['a class instance', new Money(), { amount: 3, currency: 'EUR' }],
    ['a null prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ['a toJSON', { toJSON: () => ({ id: 'x', token: 't' }) }, { id: 'x', token: '[redacted]' }],
    ['a toJSON that throws', hostile['a toJSON that throws']?.(), { a: 1, toJSON: '[Function boom]' }],
    ['a getter that throws', hostile['a getter that throws']?.(), { a: 1, b: '[unreadable]' }],
    ['a revoked Proxy', { proxy: hostile['a revoked Proxy']?.(), a: 1 }, { proxy: '[unreadable]', a: 1 }],
    ['a cycle', hostile['a cycle']?.(), { list: [1], self: '[circular]', deeper: { back: ['[circular]'] } }],
    ['the same object twice', twice({ a: 1 }), [{ a: 1 }, { a: 1 }]],
    ['an own __proto__', JSON.parse('{"__proto__": {"a": 1}, "b": 2}'), { b: 2 }],
    ['an own constructor', { constructor: 1, toString: 2 }, { constructor: 1, toString: 2 }],
    ['a lone surrogate', { '\ud800': 'a\udc00' }, { '\ufffd': 'a\ufffd' }],
  ])('of %s', (_name, value, expected) => {
    expect(take(value)).toEqual(expected)
  })

  it('of an error has what describes it, and no credentials', () => {
    const error = Object.assign(new TypeError('no redis://:pw@host', { cause: new Error('why') }), {
      code: 'E',
      token: 't',
    })
    expect(take({ error })).toMatchObject({
      error: {
        name: 'TypeError',
        message: 'no redis://[redacted]@host',
        stack: expect.stringContaining('values.test.ts'),
        cause: { name: 'Error', message: 'why' },
        code: 'E',
        token: '[redacted]',
      },
    })
  })

  it('of an own __proto__ has the prototype of any object', () => {
    const taken = take(JSON.parse('{"__proto__": {"a": 1}, "deep": {"__proto__": {"a": 1}}}')) as {
      deep: object
    }
    expect(Object.getPrototypeOf(taken)).toBe(Object.prototype)
    expect(Object.getPrototypeOf(taken.deep)).toBe(Object.prototype)
  })

  it('has five levels, the properties being the first', () => {
    const deep = { a: { b: { c: { d: { e: 1, over: { f: 1 }, list: [1], empty: {} } } } } }
    const { a } = snapshotProperties(deep, isSecret)
    const marks = { e: 1, over: '[Object …]', list: '[Array …]', empty: '[Object …]' }
    expect(a).toEqual({ b: { c: { d: marks } } })
  })

  it('has 100 keys a level, the mark among them', () => {
    const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]))
    expect(take(keys(100))).toEqual(keys(100))
    expect(take(keys(101))).toEqual({ ...keys(99), '…': '2 more' })
  })

  it.each([
    ['an array', Array.from({ length: 250 }, () => 1)],
    ['a Set', new Set(Array.from({ length: 250 }, (_, i) => i))],
  ])('has 100 items of %s, the mark among them', (_name, value) => {
    const items = take(value) as unknown[]
    expect(items).toHaveLength(100)
    expect(items.at(-1)).toBe('… 151 more')
  })

  it('has 1,000 characters of a string and of a key', () => {
    const long = 'x'.repeat(2000)
    expect(take({ [long]: long })).toEqual({ [`${'x'.repeat(999)}…`]: `${'x'.repeat(999)}…` })
  })

  it('never walks what it does not keep', () => {
    let touched = 0
    const vast = new Proxy(new Array(1_000_000).fill(0), {
      get(target, key) {
        touched++
        return Reflect.get(target, key)
      },
    })
    expect(take(vast)).toHaveLength(100)
    expect(touched).toBeLessThan(200)
  })

  it('gathers no more than two events’ worth, and something of every property', () => {
    const layer = (inner: unknown) =>
      Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`key${i}`, inner]))
    const vast = layer(layer(layer(layer(layer('leaf')))))
    const taken = snapshotProperties({ vast, plan: 'pro', cart: { items: [1, 2] } }, isSecret)
    expect(JSON.stringify(taken).length).toBeLessThan(3 * LIMITS.eventBytes)
    expect(taken).toMatchObject({ plan: 'pro', cart: { items: [1, 2] } })
  })

  it('leaves an event that fits as it is', () => {
    const rows = Array.from({ length: 60 }, (_, i) => `${i} ${'x'.repeat(900)}`)
    const small = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`k${i}`, i]))
    expect(snapshotProperties({ rows, ...small }, isSecret)).toEqual({ rows, ...small })
  })

  it('runs no code of a value that it does not keep', () => {
    const calls: string[] = []
    const spy = {
      get password() {
        calls.push('getter')
        return 'x'
      },
      toString: () => calls.push('toString'),
      valueOf: () => calls.push('valueOf'),
      [Symbol.toPrimitive]: () => calls.push('toPrimitive'),
      [Symbol.iterator]: () => calls.push('iterator'),
    }
    expect(take(spy)).toMatchObject({ password: '[redacted]' })
    expect(calls).toEqual([])
  })
})

describe('properties', () => {
  it.each<[string, unknown, unknown]>([
    ['nothing', undefined, {}],
    ['null', null, {}],
    ['a string', 'a', { value: 'a' }],
    ['an array', [1, [2]], { value: [1, [2]] }],
    ['a Map', new Map([['a', 1]]), { a: 1 }],
    ['a revoked Proxy', hostile['a revoked Proxy']?.(), { value: '[unreadable]' }],
  ])('made of %s are an object', (_name, value, expected) => {
    expect(snapshotProperties(value, isSecret)).toEqual(expected)
  })
})

describe('of anything, a snapshot', () => {
  it('is plain JSON data within the limits', () => {
    fc.assert(
      fc.property(anything, make => {
        const taken = snapshotProperties(make(), isSecret)
        expect(JSON.parse(JSON.stringify(taken))).toEqual(taken)
        expect(depthOf(taken)).toBeLessThanOrEqual(LIMITS.depth)
        everyPart(taken, part => {
          if (typeof part === 'string') expect([...part].length).toBeLessThanOrEqual(LIMITS.string)
          if (typeof part === 'string') expect(part.isWellFormed()).toBe(true)
          if (typeof part === 'object' && part)
            expect(Object.keys(part).length).toBeLessThanOrEqual(LIMITS.keys)
        })
      }),
    )
  })

  it('is the same when it is taken of itself', () => {
    fc.assert(
      fc.property(anything, make => {
        const taken = take(make())
        expect(take(taken)).toEqual(taken)
      }),
    )
  })

  it('shows no later change and makes none', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), value => {
        const before = structuredClone(value)
        const taken = take({ value: deepFreeze(value) })
        expect(value).toEqual(before)
        expect(() => deepFreeze(taken)).not.toThrow()
      }),
    )
    const list = [1]
    const taken = take({ list })
    list.push(2)
    expect(taken).toEqual({ list: [1] })
  })
})

it.each(Object.entries(hostile))('%s becomes data', (_name, make) => {
  const taken = snapshotProperties({ good: 1, bad: make() }, isSecret)
  expect(taken.good).toBe(1)
  expect(JSON.parse(JSON.stringify(taken))).toEqual(taken)
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

const twice = (value: unknown): unknown[] => [value, value]

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

function everyPart(value: unknown, check: (part: unknown) => void): void {
  check(value)
  if (typeof value !== 'object' || value === null) return
  for (const [key, part] of Object.entries(value)) {
    check(key)
    everyPart(part, check)
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze)
    Object.freeze(value)
  }
  return value
}
