import { setFlagsFromString } from 'node:v8'
import vm from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeError, type ErrorFacts } from '../../src/event/exception.js'
import { LIMITS } from '../../src/event/limits.js'
import { createSecretTest } from '../../src/event/redact.js'
import { anything, hostile } from './hostile.js'

class PaymentError extends Error {}
class CardDeclined extends TypeError {}
class Named extends Error {
  override readonly name = 'E_NAMED'
}
class Pay {
  readonly sum = 3
}

describe('the type and message', () => {
  it.each<[string, unknown, string, string]>([
    ['an error', new TypeError('no'), 'TypeError', 'no'],
    ['a class that sets no name', new PaymentError('no'), 'PaymentError', 'no'],
    ['a class of a built-in class', new CardDeclined('no'), 'CardDeclined', 'no'],
    ['a class that sets a name', new Named('no'), 'E_NAMED', 'no'],
    ['a name given later', Object.assign(new Error('no'), { name: 'Given' }), 'Given', 'no'],
    [
      'a built-in name given later',
      Object.assign(new PaymentError('no'), { name: 'TypeError' }),
      'TypeError',
      'no',
    ],
    ['a class without a name', new (class extends Error {})('no'), 'Error', 'no'],
    ['an error without a message', new Error(), 'Error', ''],
    [
      'an error of Node',
      thrownBy(() => Buffer.alloc('x' as never)),
      'TypeError',
      expect.stringContaining('"size"'),
    ],
    ['an error of another realm', vm.runInNewContext('new RangeError("no")'), 'RangeError', 'no'],
    ['a DOMException', new DOMException('no', 'AbortError'), 'AbortError', 'no'],
    ['something like an error', { name: 'HttpError', message: 'no', status: 400 }, 'HttpError', 'no'],
    ['an object with a message', { message: 'no' }, 'Object', 'no'],
    ['an error with an odd message', Object.assign(new Error(), { message: { a: 1 } }), 'Error', '{"a":1}'],
    ['a string', 'no', 'string', 'no'],
    ['an empty string', '', 'string', ''],
    ['a number', 42, 'number', '42'],
    ['NaN', Number.NaN, 'number', 'NaN'],
    ['a BigInt', 42n, 'bigint', '42'],
    ['a boolean', false, 'boolean', 'false'],
    ['undefined', undefined, 'undefined', 'undefined'],
    ['null', null, 'object', 'null'],
    ['a symbol', Symbol('no'), 'symbol', 'Symbol(no)'],
    ['a function', PaymentError, 'function', '[Function PaymentError]'],
    ['an object', { a: 1, password: 'x' }, 'Object', '{"a":1,"password":"[redacted]"}'],
    ['an instance', new Pay(), 'Pay', '{"sum":3}'],
    ['an object without a prototype', Object.create(null), 'object', '{}'],
    ['an array', [1, 2], 'Array', '[1,2]'],
  ])('of %s', (_name, thrown, exception_type, exception_message) => {
    expect(describeError(thrown)).toMatchObject({ exception_type, exception_message })
  })

  it('are within their limits', () => {
    const facts = describeError(Object.assign(new Error('m'.repeat(5000)), { name: 'N'.repeat(5000) }))
    expect(facts.exception_message).toBe(`${'m'.repeat(999)}…`)
    expect([...facts.exception_type]).toHaveLength(LIMITS.string)
  })
})

describe('credentials in an address', () => {
  it.each([
    ['no postgres://user:pass@host/db', 'no postgres://[redacted]@host/db'],
    ['redis://:pass@host:6379', 'redis://[redacted]@host:6379'],
    ['https://ghp_token@github.com/a', 'https://[redacted]@github.com/a'],
    ['mongodb+srv://u:p@ss@host/db?x=1', 'mongodb+srv://[redacted]@host/db?x=1'],
    ['amqp://u:p/a?s#s@host', 'amqp://[redacted]@host'],
    ['"a://u:p@h" and b://u:p@h', '"a://[redacted]@h" and b://[redacted]@h'],
    ['http://localhost:3000/@vite/client', 'http://localhost:3000/@vite/client'],
    ['http://[::1]:3000/a@b', 'http://[::1]:3000/a@b'],
    ['file:///app/node_modules/@scope/a.js', 'file:///app/node_modules/@scope/a.js'],
    ['https://cdn.test/pkg@1.2.3/x.js', 'https://cdn.test/pkg@1.2.3/x.js'],
    ['webpack://@scope/app/./src/a.js', 'webpack://@scope/app/./src/a.js'],
    ['mail a@b.test', 'mail a@b.test'],
  ])('%s', (message, masked) => {
    const facts = describeError(new Error(message))
    expect(facts.exception_message).toBe(masked)
    expect(facts.traceback.split('\n')[0]).toBe(`Error: ${masked}`)
  })

  it('are hidden wherever the text is cut', () => {
    const secret = 'hunter2'.repeat(60)
    for (let before = 3000; before < 4100; before += 7) {
      const { exception_message } = describeError(
        new Error(`${'://x@'.repeat(before / 5)} pg://user:${secret}@host`),
      )
      expect(exception_message).not.toContain('hunter2')
    }
  })

  it('are hidden in a stack and in causes', () => {
    const error = new Error('x', { cause: new Error('pg://u:pw@h') })
    error.stack = 'Error: x\n    at f (https://u:pw@host/a.js:1:1)'
    expect(JSON.stringify(describeError(error))).not.toContain('pw')
    for (let before = 300; before < 420; before++) {
      const far = new Error('x')
      far.stack = `Error: x\n    at ${'f'.repeat(before)} (https://u:pw@host/a.js:1:1)`
      expect(describeError(far).traceback).not.toContain('pw')
    }
  })
})

it('hides the keys it is told to in what is no error', () => {
  const { exception_message } = describeError({ nick_name: 'x', a: 1 }, createSecretTest(['nickName']))
  expect(exception_message).toBe('{"nick_name":"[redacted]","a":1}')
})

describe('the causes', () => {
  const types = (facts: ErrorFacts) => facts.causes?.map(cause => cause.exception_message)

  it('are absent without any', () => {
    expect(describeError(new Error('a'))).not.toHaveProperty('causes')
    expect(describeError(new Error('a', { cause: undefined }))).not.toHaveProperty('causes')
  })

  it('are flat, in reading order', () => {
    const first = new Error('first', { cause: new TypeError('under first') })
    const error = new Error('top', { cause: new AggregateError([first, 'second'], 'all') })
    const facts = describeError(error)
    expect(types(facts)).toEqual(['all', 'first', 'under first', 'second'])
    expect(facts.causes?.[2]).toEqual({
      exception_type: 'TypeError',
      exception_message: 'under first',
      traceback: expect.stringMatching(/^TypeError: under first\n {4}at .*exception\.test\.ts/),
    })
    expect(facts.traceback).toContain('\nCaused by: AggregateError: all\n')
    expect(facts.traceback).toContain('\nCaused by: string: second')
  })

  it('are the errors among other `errors` only', () => {
    const invalid = Object.assign(new Error('invalid'), { errors: ['name', new Error('too short')] })
    expect(types(describeError(invalid))).toEqual(['too short'])
  })

  it('end where they repeat', () => {
    const a = new Error('a')
    const b = new Error('b', { cause: a })
    a.cause = b
    expect(types(describeError(a))).toEqual(['b'])
  })

  it('are ten at most', () => {
    let error = new Error('0')
    for (let i = 1; i < 1000; i++) error = new Error(String(i), { cause: error })
    expect(types(describeError(error))).toHaveLength(LIMITS.causes)
    expect(
      types(describeError(new AggregateError(Array.from({ length: 1000 }, (_, i) => new Error(`${i}`))))),
    ).toHaveLength(LIMITS.causes)
  })
})

it.each<[object, Pick<ErrorFacts, 'code' | 'syscall'>]>([
  [
    { code: 'ENOENT', syscall: 'open' },
    { code: 'ENOENT', syscall: 'open' },
  ],
  [{ code: 23505 }, { code: '23505' }],
  [{ code: '', syscall: {} }, {}],
])('of %j it tells code and syscall', (own, told) => {
  const { code, syscall } = describeError(Object.assign(new Error('x'), own))
  expect(JSON.stringify({ code, syscall })).toBe(JSON.stringify(told))
})

it('describes anything that can be thrown, within the limits', () => {
  fc.assert(
    fc.property(anything, make => {
      const facts = describeError(make())
      expect(JSON.parse(JSON.stringify(facts))).toEqual(facts)
      for (const told of [facts, ...(facts.causes ?? [])]) {
        expect([...told.exception_type].length).toBeLessThanOrEqual(LIMITS.string)
        expect([...told.exception_message].length).toBeLessThanOrEqual(LIMITS.exception_message)
        expect([...told.traceback].length).toBeLessThanOrEqual(LIMITS.traceback)
        expect(JSON.stringify(told).isWellFormed()).toBe(true)
        expect(told.exception_type).not.toBe('')
      }
    }),
  )
})

it.each(Object.entries(hostile))('tells the type, message and traceback of %s', (_name, make) => {
  expect(describeError(make())).toMatchObject({
    exception_type: expect.stringMatching(/./),
    exception_message: expect.any(String),
    traceback: expect.stringMatching(/./),
  })
})

it('keeps nothing of a vast error in memory', () => {
  const vast = (i: number) => {
    const error = new Error(`${i} ${'m'.repeat(2_000_000)}`, { cause: 'c'.repeat(1_000_000) })
    error.name = `${'N'.repeat(1_000_000)}${i}`
    return error
  }
  const before = heapUsed()
  const facts = Array.from({ length: 20 }, (_, i) => describeError(vast(i)))
  expect(heapUsed() - before).toBeLessThan(10_000_000)
  expect(facts[3]?.exception_message).toMatch(/^3 m+…$/)
})

function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  vm.runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
