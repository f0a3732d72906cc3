import { runInNewContext } from 'node:vm'

/** Something that can be captured or thrown, made anew each time. */
export interface Input {
  readonly name: string
  make(): unknown
}

const boom = (): never => {
  throw new Error('touched')
}

const withGetter = (target: object, name: PropertyKey, get: () => unknown): object =>
  Object.defineProperty(target, name, { get, enumerable: true, configurable: true })

const everyTrapThrows: ProxyHandler<object> = Object.fromEntries(
  ['get', 'set', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'isExtensible', 'apply'].map(
    trap => [trap, boom],
  ),
)

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

/** Yields another object at every touch. */
const endless = (): object =>
  new Proxy(
    {},
    {
      get: (_target, key) => (typeof key === 'symbol' ? undefined : endless()),
      ownKeys: () => ['a', 'b'],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: endless() }),
    },
  )

function nest(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 'core'
  for (let i = 0; i < depth; i++) value = wrap(value)
  return value
}

function circle(): object {
  const value: Record<string, unknown> = { a: 1 }
  value.self = value
  value.list = [value, { value }]
  return value
}

function chain(length: number): Error {
  let error = new Error('the first')
  for (let i = 0; i < length; i++) error = new Error(`number ${i}`, { cause: error })
  return error
}

function ring(): Error {
  const [a, b] = [new Error('a'), new Error('b')]
  a.cause = b
  b.cause = a
  return a
}

function recursion(): unknown {
  const fall = (): never => fall()
  try {
    return fall()
  } catch (error) {
    return error
  }
}

function hollow(): Error {
  const error = new Error('x')
  // The stack first: V8 reads the others to make it.
  for (const part of ['stack', 'name', 'message', 'cause', 'code', 'syscall', 'errors', 'constructor']) {
    withGetter(error, part, boom)
  }
  return error
}

const inputs: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  'an empty text': () => '',
  'not a number': () => Number.NaN,
  infinity: () => Number.NEGATIVE_INFINITY,
  'minus zero': () => -0,
  'a BigInt': () => 1n,
  'a BigInt of 20,000 digits': () => 10n ** 20_000n,
  'a boxed BigInt': () => Object(1n),
  'a symbol': () => Symbol('s'),
  'a boxed symbol': () => Object(Symbol('s')),
  'a function': () => boom,
  'a class': () => class Thing {},
  'a function whose name throws': () => withGetter(() => 1, 'name', boom),
  'a lone surrogate': () => 'a\ud800b\udfff',
  'a text of 1 MiB': () => 'x'.repeat(1024 * 1024),
  'a text of 1 MiB of emoji': () => '😀'.repeat(256 * 1024),
  'a text of NULs and control characters': () => '\0\x07\u2028\u2029\x1b[31m',
  'a key with a lone surrogate': () => ({ '\udfff': '\ud800' }),
  'a key of 100 KiB': () => ({ ['k'.repeat(100 * 1024)]: 1 }),
  'a key named __proto__': () => JSON.parse('{"__proto__":{"polluted":true},"a":1}'),
  'names of the wire': () => ({ event_id: 'x', site_id: 'y', timestamp: 'z', event: 'w', properties: {} }),
  'keys named toJSON and length': () => ({ toJSON: 1, length: -1, constructor: 2 }),
  'a circle': circle,
  'a deep nest of objects': () => nest(20_000, inner => ({ inner })),
  'a deep nest of arrays': () => nest(20_000, inner => [inner]),
  'a hundred thousand keys': () =>
    Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i])),
  'an array of a million': () => new Array(1_000_000).fill('x'),
  'an empty array of four thousand million': () => new Array(4_000_000_000),
  'a sparse array': () => Object.assign(new Array(3), { 0: 1, 2: 3 }),
  'a getter that throws': () => withGetter({ a: 1 }, 'b', boom),
  'a getter that answers itself': () => {
    const value = {}
    return withGetter(value, 'me', () => value)
  },
  'a toJSON that throws': () => ({ a: 1, toJSON: boom }),
  'a toJSON that answers itself': () => ({
    toJSON() {
      return this
    },
  }),
  'a toString that throws': () => ({ toString: boom, [Symbol.toPrimitive]: boom }),
  'a Symbol.toStringTag that throws': () => withGetter({}, Symbol.toStringTag, boom),
  'a Proxy whose every trap throws': () => new Proxy({}, everyTrapThrows),
  'a Proxy of a function whose every trap throws': () => new Proxy(() => 1, everyTrapThrows),
  'a revoked Proxy': () => revoked({}),
  'a revoked Proxy of an array': () => revoked([]),
  'a revoked Proxy of an error': () => revoked(new Error('x')),
  'an endless Proxy': endless,
  'an object without a prototype': () => Object.assign(Object.create(null), { a: 1 }),
  'a frozen object': () => Object.freeze({ a: Object.freeze({ b: [1] }) }),
  'a Date that is none': () => new Date(Number.NaN),
  'a false Date': () => Object.create(Date.prototype),
  'a false Map': () => Object.create(Map.prototype),
  'a Map with keys of all kinds': () =>
    new Map<unknown, unknown>([
      [{}, 1],
      [Symbol('s'), 2],
      [1n, 3],
      [null, 4],
    ]),
  'a Set of itself': () => {
    const set = new Set<unknown>()
    return set.add(set)
  },
  'a WeakMap': () => new WeakMap(),
  'a typed array of 8 MiB': () => new Float64Array(1024 * 1024),
  'a Buffer': () => Buffer.from('secret bytes'),
  'a detached ArrayBuffer': () => {
    const buffer = new ArrayBuffer(8)
    structuredClone(buffer, { transfer: [buffer] })
    return buffer
  },
  'a promise that rejects': () => {
    const promise = Promise.reject(new Error('x'))
    promise.catch(() => {})
    return promise
  },
  'a thenable that throws': () => Object.fromEntries([['then', boom]]),
  'a generator': () =>
    (function* () {
      yield boom()
    })(),
  'the global object': () => globalThis,
  'an object of another realm': () => runInNewContext('({ a: [1, new Date(0)] })'),
  'an error of another realm': () => runInNewContext('new TypeError("elsewhere")'),
  'an error with a message of 1 MiB': () => new Error('m'.repeat(1024 * 1024)),
  'an error whose parts throw': hollow,
  'an error with parts of other kinds': () =>
    Object.assign(new Error('x'), { name: 7, message: { a: 1n }, stack: [], code: {}, errors: 'none' }),
  'an error without a stack': () => Object.assign(new Error('x'), { stack: undefined }),
  'an error that is its own cause': () => {
    const error = new Error('x')
    error.cause = error
    return error
  },
  'two errors that cause each other': ring,
  'a chain of ten thousand causes': () => chain(10_000),
  'an AggregateError of a thousand': () =>
    new AggregateError(
      Array.from({ length: 1000 }, (_, i) => new Error(`number ${i}`)),
      'all of them',
    ),
  'an AggregateError of what is no error': () => new AggregateError([null, 1n, Symbol('s'), revoked({})]),
  'a stack overflow': recursion,
  'a frozen error': () => Object.freeze(new Error('x')),
  'an error class whose name throws': () => {
    class Odd extends Error {}
    withGetter(Odd, 'name', boom)
    return new Odd('x')
  },
  'an object that looks like an error': () => ({ name: 'Error', message: 'not quite', stack: 7 }),
}

/** Whatever can be captured or thrown. */
export const INPUTS: readonly Input[] = Object.entries(inputs).map(([name, make]) => ({ name, make }))
