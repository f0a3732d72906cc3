import vm from 'node:vm'
import fc from 'fast-check'

const boom = (): never => {
  throw new Error('boom')
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

function cyclic(): object {
  const value: Record<string, unknown> = { list: [1] }
  value.self = value
  value.deeper = { back: [value] }
  return value
}

/** A new object at every touch, without end. */
function endless(): object {
  return new Proxy(
    {},
    {
      get: (_target, key) => (typeof key === 'symbol' ? undefined : endless()),
      ownKeys: () => ['a', 'b', 'toString'],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }),
    },
  )
}

/** Values that break what reads them, each made anew. */
export const hostile: Record<string, () => unknown> = {
  'a getter that throws': () => Object.defineProperty({ a: 1 }, 'b', { get: boom, enumerable: true }),
  'a Proxy whose every trap throws': () =>
    new Proxy(
      {},
      { get: boom, ownKeys: boom, getPrototypeOf: boom, has: boom, getOwnPropertyDescriptor: boom },
    ),
  'a revoked Proxy': () => revoked({}),
  'a revoked Proxy of an array': () => revoked([]),
  'a revoked Proxy of a function': () => revoked(boom),
  'an endless Proxy': endless,
  'a Proxy of an array without a length': () =>
    new Proxy([], { get: (_target, key) => (key === 'length' ? 10n : 1) }),
  'a cycle': cyclic,
  'a toJSON that throws': () => ({ a: 1, toJSON: boom }),
  'a toJSON that answers itself': () => ({
    a: 1,
    toJSON() {
      return this
    },
  }),
  'a toJSON that answers a BigInt': () => ({ toJSON: () => 1n }),
  'a key named __proto__': () => JSON.parse('{"__proto__": {"polluted": true}, "a": 1}'),
  'an object without a prototype': () => Object.assign(Object.create(null), { a: 1 }),
  'a Date that is none': () => new Date(Number.NaN),
  'a false Date': () => Object.create(Date.prototype),
  'a false Map': () => Object.create(Map.prototype),
  'a Map with a key of each kind': () =>
    new Map<unknown, unknown>([
      [{}, 1],
      [Symbol('s'), 2],
      [boom, 3],
      [1n, 4],
      [null, 5],
      ['__proto__', 6],
    ]),
  'a Set of itself': () => {
    const set = new Set<unknown>()
    return set.add(set)
  },
  'a typed array': () => new Float64Array(1_000_000),
  'a sparse array': () => Object.assign(new Array(3), { 0: 1, 2: 3 }),
  'a vast empty array': () => new Array(4_000_000_000),
  'a boxed BigInt': () => Object(1n),
  'a boxed symbol': () => Object(Symbol('s')),
  'a function whose name throws': () => Object.defineProperty(() => 1, 'name', { get: boom }),
  'a vast BigInt': () => 10n ** 20_000n,
  'a lone surrogate': () => 'a\ud800b',
  'a key with a lone surrogate': () => ({ '\udfff': '\ud800' }),
  'a Symbol.toStringTag that throws': () => Object.defineProperty({}, Symbol.toStringTag, { get: boom }),
  'an error of another realm': () => vm.runInNewContext('new TypeError("other realm")'),
  'an error whose parts throw': () => {
    const error = new Error('x')
    // The stack first: V8 reads the others when it is replaced.
    for (const key of ['stack', 'name', 'message', 'cause', 'code', 'syscall', 'errors', 'constructor']) {
      Object.defineProperty(error, key, { get: boom })
    }
    return error
  },
  'an error that is its own cause': () => {
    const error = new Error('x')
    error.cause = error
    return error
  },
  'an error with parts of other kinds': () =>
    Object.assign(new Error('x'), { name: 7, message: { a: 1n }, stack: 7, code: {}, errors: 'none' }),
  'a deep nest': () => {
    let value: unknown = 'core'
    for (let i = 0; i < 10_000; i++) value = i % 2 ? [value] : { value }
    return value
  },
}

/** Makes anything that can be passed or thrown, hostile values at any depth. */
export const anything: fc.Arbitrary<() => unknown> = fc.letrec<{ value: () => unknown }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'anything' },
    fc.constantFrom(...Object.values(hostile)),
    fc.string({ unit: 'binary', maxLength: 1500 }).map(text => () => text),
    fc
      .anything({
        maxDepth: 2,
        withBigInt: true,
        withBoxedValues: true,
        withDate: true,
        withMap: true,
        withNullPrototype: true,
        withObjectString: true,
        withSet: true,
        withSparseArray: true,
        withTypedArray: true,
        withUnicodeString: true,
      })
      .map(value => () => value),
    fc.array(tie('value'), { maxLength: 120 }).map(parts => () => parts.map(make => make())),
    parts(fc.string({ unit: 'binary' }), tie('value')),
    parts(fc.constantFrom('message', 'stack', 'name', 'cause', 'code', 'errors', 'toJSON'), tie('value')),
    parts(fc.constantFrom('message', 'stack', 'name', 'cause', 'code', 'errors'), tie('value')).map(
      make => () => Object.assign(new Error('x'), make()),
    ),
  ),
})).value

function parts(key: fc.Arbitrary<string>, part: fc.Arbitrary<() => unknown>): fc.Arbitrary<() => object> {
  return fc
    .array(fc.tuple(key, part), { maxLength: 6 })
    .map(entries => () => Object.fromEntries(entries.map(([name, make]) => [name, make()])))
}
