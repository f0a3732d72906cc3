/** What applications happen to hand to a client, each beside good events. */
export const ODD_VALUES: readonly (readonly [name: string, make: () => unknown])[] = [
  ['a cycle', () => cycle()],
  [
    'a getter that throws',
    () => ({
      get broken() {
        throw new Error('no')
      },
    }),
  ],
  [
    'a toJSON that throws',
    () => ({
      toJSON() {
        throw new Error('no')
      },
    }),
  ],
  [
    'a toString that throws',
    () => ({
      toString() {
        throw new Error('no')
      },
    }),
  ],
  ['a revoked proxy', () => revoked()],
  [
    'a proxy that throws',
    () =>
      new Proxy(
        {},
        {
          ownKeys() {
            throw new Error('no')
          },
        },
      ),
  ],
  ['a BigInt', () => 10n ** 30n],
  ['a BigInt deep down', () => ({ a: [{ b: 1n }] })],
  ['a symbol', () => Symbol('s')],
  ['symbol keys', () => ({ [Symbol('s')]: 1 })],
  ['a function', () => () => 1],
  ['undefined', () => undefined],
  ['NaN', () => Number.NaN],
  ['an invalid date', () => new Date(Number.NaN)],
  ['a Map', () => new Map([['a', new Map()]])],
  ['a Set', () => new Set([1])],
  ['a WeakMap', () => new WeakMap()],
  ['a promise', () => Promise.resolve(1)],
  ['a null prototype', () => Object.assign(Object.create(null), { a: 1 })],
  ['half a surrogate pair', () => '\ud83d'],
  ['a null character', () => 'a\0b'],
  ['a text of 2 MB', () => 'x'.repeat(2_000_000)],
  ['100,000 keys', () => Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n]))],
  ['10,000 levels', () => nested(10_000)],
  ['a buffer of 1 MB', () => Buffer.alloc(1_000_000)],
  ['an array with a gap of a million', () => Object.assign([], { 1000000: 1 })],
  [
    'an error with a hostile message',
    () =>
      Object.defineProperty(new Error(), 'message', {
        get() {
          throw 1
        },
      }),
  ],
  ['a frozen cycle', () => Object.freeze(cycle())],
]

function cycle(): object {
  const one: Record<string, unknown> = {}
  one.self = one
  return one
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

function nested(levels: number): object {
  let value: object = {}
  for (let level = 0; level < levels; level++) value = { value }
  return value
}
