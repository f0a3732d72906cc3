import { describe, expect, it } from 'vitest'
import { functionAt } from '../../src/sourcemaps/functions.js'
import { findMap } from '../../src/sourcemaps/match.js'

/** `¦` marks the place; the name of the function around it. */
const CASES: readonly (readonly [what: string, source: string, name: string | undefined])[] = [
  ['a function', 'function total(cart) {\n  return ¦cart.id\n}', 'total'],
  [
    'an exported async one',
    'export async function pay(cart: Cart): Promise<void> {\n  ¦throw new Error()\n}',
    'pay',
  ],
  ['a generator', 'function* rows() {\n  yield ¦x.y\n}', 'rows'],
  [
    'parameters on lines of their own',
    'export function pay(\n  cart: Cart,\n  user: User,\n): Promise<void> {\n  ¦fail()\n}',
    'pay',
  ],
  ['an arrow', 'const total = cart => {\n  return ¦cart.id\n}', 'total'],
  ['an arrow on one line', 'export const total = (cart: Cart): number => ¦cart.id', 'total'],
  ['an arrow with a type', 'const pay: Handler = async (cart) => {\n  ¦fail()\n}', 'pay'],
  ['an arrow with a group', 'const total = (cart: Cart): number => (cart.items ?? []).map(¦fail)', 'total'],
  ['a function expression', 'exports.pay = function (cart) {\n  ¦fail()\n}', 'pay'],
  ['a property', 'const handlers = {\n  pay: async cart => {\n    ¦fail()\n  },\n}', 'pay'],
  [
    'a property in quotes',
    "const handlers = {\n  'sign-in': async user => {\n    ¦fail()\n  },\n}",
    'sign-in',
  ],
  ['a method', 'class Cart {\n  async total(tax: number) {\n    return ¦this.x.y\n  }\n}', 'total'],
  ['a private one', 'class Cart {\n  #total() {\n    return ¦this.x.y\n  }\n}', 'total'],
  [
    'a method with modifiers',
    'class Cart {\n  private static async total(): Promise<number> {\n    ¦fail()\n  }\n}',
    'total',
  ],
  ['a getter', 'class Cart {\n  get total() {\n    return ¦this.x.y\n  }\n}', 'total'],
  ['a getter on one line', 'class Cart {\n  get total() { return ¦this.x.y }\n}', 'total'],
  ['a constructor', 'class Cart {\n  size = 1\n  constructor(x) {\n    ¦fail()\n  }\n}', 'Cart'],
  ['a field', 'class Cart {\n  total = () => {\n    ¦fail()\n  }\n}', 'total'],
  ['a method of an object', 'const cart = {\n  total() {\n    ¦fail()\n  },\n}', 'total'],
  [
    'blocks within',
    'function pay() {\n  if (a) {\n    for (const x of y) {\n      try {\n        ¦fail()\n      } catch {}\n    }\n  }\n}',
    'pay',
  ],
  ['a call on several lines', 'function pay() {\n  save(\n    ¦cart.x.y,\n  )\n}', 'pay'],
  ['an object on several lines', 'function pay() {\n  save({\n    total: ¦cart.x.y,\n  })\n}', 'pay'],
  ['a block behind another', 'function pay() {\n  if (a) {\n    b()\n  } else {\n    ¦fail()\n  }\n}', 'pay'],
  ['a neighbour before', 'function a() {\n  x()\n}\n\nfunction b() {\n  ¦fail()\n}', 'b'],
  [
    'a function that ended on the line',
    'function pay() {\n  return xs.map(x => x.id).filter(¦fail)\n}',
    'pay',
  ],
  ['tabs', 'function pay() {\n\tif (a) {\n\t\t¦fail()\n\t}\n}', 'pay'],
  ['a method in quotes', "class Cart {\n  'sign-in'(user) {\n    ¦fail()\n  }\n}", 'sign-in'],
  [
    'a symbol',
    'class Cart {\n  async *[Symbol.asyncIterator]() {\n    ¦fail()\n  }\n}',
    '[Symbol.asyncIterator]',
  ],
  ['a generator of a class', 'class Cart {\n  *rows() {\n    ¦fail()\n  }\n}', 'rows'],
  ['a line of a comment', 'function pay() {\n  /*\n   * run() {\n   */\n    ¦fail()\n}', 'pay'],
  ['the head of a function', 'function outer() {\n  function total¦(cart) {\n  }\n}', 'total'],
  ['the head of a method', 'class Cart {\n  total¦(tax) {\n  }\n}', 'total'],
  ['what a block asks', 'function pay() {\n  if (¦fail()) {\n  }\n}', 'pay'],
  ['the head of a call', 'function pay() {\n  ¦save(function (x) {\n  })\n}', 'pay'],
  ['what a function returns', 'const guard = (kind: string) => (n: number) => {\n  ¦fail()\n}', ''],
  ['what it returns, on one line', 'const guard = kind => n => ¦fail()', ''],
  ['an arrow with another as its default', 'const run = (then = () => {}) => {\n  ¦fail()\n}', 'run'],
  ['a callback', 'function pay() {\n  xs.map(x => {\n    ¦fail()\n  })\n}', ''],
  ['a callback on one line', 'function pay() {\n  return xs.map(x => ¦x.y.z)\n}', ''],
  ['a callback whose result is kept', 'function pay() {\n  const ids = xs.map(x => ¦x.y.z)\n}', ''],
  ['a handler', "app.get('/pay', async (c) => {\n  ¦fail()\n})", ''],
  ['no function', '¦fail()', ''],
  ['no function, after one', 'function a() {\n  x()\n}\n¦fail()', ''],
  ['a line that a machine wrote', `const x=${'1+'.repeat(300)}¦fail()`, undefined],
]

describe('the function around a place in a source', () => {
  it.each(CASES)('%s', (_, marked, name) => {
    const lines = marked.split('\n')
    const line = lines.findIndex(text => text.includes('¦'))
    const column = lines[line]?.indexOf('¦') ?? 0
    const source = marked.replace('¦', '').split('\n')
    expect(functionAt(source, line + 1, column + 1)).toBe(name)
  })

  it('takes no longer than there is to read', () => {
    const start = process.cpuUsage().user
    for (const shape of ['a', ' ', '(', 'a=', 'a:', '=> ', '<', 'function ', 'async ', '{'])
      functionAt(
        Array.from({ length: 5000 }, () => ` ${shape.repeat(390 / shape.length)}`).concat('  x'),
        5001,
        3,
      )
    expect(process.cpuUsage().user - start).toBeLessThan(1_000_000)
  })
})

describe('the uploaded map of a frame', () => {
  it.each<[string, Record<string, string[]>, string | undefined, string | undefined]>([
    ['/app/dist/cart.js', { 'cart.js': [], 'dist/cart.js': [] }, 'dist/cart.js', undefined],
    ['/app/dist/cart.js', { 'other/cart.js': [], 'cart.js': [] }, 'cart.js', undefined],
    ['C:\\app\\dist\\cart.js', { 'cart.js': [] }, 'cart.js', undefined],
    ['https://shop.example/assets/cart.js', { 'assets/cart.js': [] }, 'assets/cart.js', undefined],
    ['/app/dist/smart-cart.js', { 'cart.js': [] }, undefined, undefined],
    ['/app/cart.js', {}, undefined, undefined],
    ['/app/src/cart.js', { 'cart.js': ['../src/cart.js'] }, 'cart.js', '../src/cart.js'],
    ['/app/dist/cart.js', { 'cart.js': ['../src/cart.js'] }, 'cart.js', undefined],
    [
      '/app/src/cart.ts',
      { 'a.js': [], 'server.js': ['../src/user.ts', '../src/cart.ts'] },
      'server.js',
      '../src/cart.ts',
    ],
  ])('%s among %j is of %s, already in its source %s', (file, files, built, source) => {
    const maps = Object.entries(files).map(([name, sources]) => ({ file: name, sources }))
    const found = findMap(file, maps)
    expect([found?.map.file, found?.source]).toEqual([built, source])
  })
})
