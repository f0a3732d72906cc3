import { describe, expect, it } from 'vitest'
import { parseFrames } from '../../src/grouping/frames.js'
import { isMinified, lastName, stableName } from '../../src/grouping/names.js'
import { nameOf, ownFrames } from '../../src/grouping/own.js'

const frame = (line: string) => parseFrames(`Error: m\n    at ${line}`)[0]

describe('a frame', () => {
  it.each([
    ['computeTotal (/app/cart.js:12:5)', 'computeTotal', '/app/cart.js', 12, 5, 'own'],
    ['/app/cart.js:12:5', '', '/app/cart.js', 12, 5, 'own'],
    ['async Cart.pay (file:///app/cart.js:12:5)', 'async Cart.pay', '/app/cart.js', 12, 5, 'own'],
    ['async file:///app/cart.js?v=2:12:5', '', '/app/cart.js', 12, 5, 'own'],
    ['new Cart (/app/my (copy)/cart.js:1:2)', 'new Cart', '/app/my (copy)/cart.js', 1, 2, 'own'],
    ['pay (C:\\app\\cart.js:12:5)', 'pay', 'C:\\app\\cart.js', 12, 5, 'own'],
    ['JSON.parse (<anonymous>)', 'JSON.parse', '<anonymous>', 0, 0, 'runtime'],
    ['async Promise.all (index 0)', 'async Promise.all', 'index 0', 0, 0, 'runtime'],
    ['node:internal/process/task_queues:95:5', '', 'node:internal/process/task_queues', 95, 5, 'runtime'],
    [
      'eval (eval at run (/app/x.js:1:2), <anonymous>:1:1)',
      'eval',
      'eval at run (/app/x.js:1:2), <anonymous>',
      1,
      1,
      'runtime',
    ],
    [
      'next (/app/node_modules/koa-compose/index.js:42:32)',
      'next',
      '/app/node_modules/koa-compose/index.js',
      42,
      32,
      'library',
    ],
  ])('%s', (line, name, file, row, column, origin) => {
    expect(frame(line)).toMatchObject({ function: name, file, line: row, column, origin })
  })

  it('is none of a cause, and no line of text', () => {
    const text =
      'Error: m\n    at a (/app/a.js:1:1)\n    at the end of it all\nCaused by: Error: c\n    at b (/app/b.js:1:1)'
    expect(parseFrames(text).map(each => each.function)).toEqual(['a'])
  })

  it('comes last in a traceback of the origin', () => {
    const text =
      'Traceback (most recent call last):\n  File "/app/views.py", line 12, in pay\n    total(cart)\n  File "/app/cart.py", line 3, in total\n    raise ValueError()\nValueError'
    expect(parseFrames(text).map(nameOf)).toEqual(['total (cart)', 'pay (views)'])
  })
})

describe('the last part of a name', () => {
  it.each([
    ['computeTotal', 'computeTotal'],
    ['async Cart.pay', 'pay'],
    ['Object.handler [as pay]', 'handler'],
    ['new Cart', 'Cart'],
    ['Cart.get total', 'total'],
    ['Cart.#secret', 'secret'],
    ['Cart.[Symbol.iterator]', '[Symbol.iterator]'],
    ['async [Symbol.asyncDispose]', '[Symbol.asyncDispose]'],
    ['Object.<anonymous>', ''],
    ['<anonymous>', ''],
  ])('%s is %s', (name, last) => expect(lastName(name)).toBe(last))
})

describe('a file without its hash', () => {
  it.each([
    ['/app/dist/cart.js', 'cart'],
    ['/app/dist/cart-3f9ac2e1.js', 'cart'],
    ['/app/dist/cart.3f9ac2e1b2.mjs', 'cart'],
    ['/app/dist/chunk-QRXZP2AB.js', 'chunk'],
    ['/assets/index-DiwrgTda.js', 'index'],
    ['/assets/index-B_x9-k2Q.js', 'index'],
    ['C:\\app\\cart.min.js', 'cart'],
    ['/app/error-handler.ts', 'error-handler'],
    ['/app/shipping-calculator.js', 'shipping-calculator'],
    ['/app/user.controller.ts', 'user.controller'],
    ['/app/order-processor.js', 'order-processor'],
  ])('%s is %s', (file, name) => expect(stableName(file)).toBe(name))
})

describe('a frame looks minified', () => {
  it.each([
    ['a (/app/bundle.js:1:40)', true],
    ['t.Xe (/app/bundle.js:9:4)', true],
    ['computeTotal (/app/bundle.js:1:20444)', true],
    ['computeTotal (/app/bundle.js:3:2044)', true],
    ['computeTotal (/app/cart.js:12:5)', false],
    ['/app/cart.js:12:5', false],
  ])('%s: %s', (line, minified) => expect(isMinified(frame(line) as never)).toBe(minified))

  it('unless a source map led to it', () => {
    expect(
      isMinified({ ...(frame('a (/app/cart.ts:1:400)') as never as object), mapped: true } as never),
    ).toBe(false)
  })
})

describe('the frames that tell faults apart', () => {
  const own = (...lines: string[]) =>
    ownFrames(parseFrames(`Error: m\n${lines.map(line => `    at ${line}`).join('\n')}`), 2).map(nameOf)

  it.each([
    [
      'those of the application',
      ['JSON.parse (<anonymous>)', 'read (/app/a.js:1:1)', 'node:internal/x:1:1', 'pay (/app/b.js:1:1)'],
      ['read (a)', 'pay (b)'],
    ],
    [
      'not a recursion’s depth',
      ['walk (/app/a.js:1:1)', 'walk (/app/a.js:1:1)', 'start (/app/a.js:9:1)'],
      ['walk (a)', 'start (a)'],
    ],
    [
      'the one that called a package',
      ['Client.query (/app/node_modules/pg/x.js:1:1)', 'load (/app/a.js:1:1)'],
      ['load (a)'],
    ],
    [
      'none that called through a package',
      [
        'pay (/app/a.js:1:1)',
        'dispatch (/app/node_modules/koa-compose/index.js:1:1)',
        'timed (/app/b.js:1:1)',
      ],
      ['pay (a)'],
    ],
    [
      'no middleware by its name',
      ['pay (/app/a.js:1:1)', 'async logger (/app/b.js:1:1)', 'async authMiddleware (/app/c.js:1:1)'],
      ['pay (a)'],
    ],
    [
      'no middleware by its place',
      ['pay (/app/a.js:1:1)', 'async timed (/app/middleware/timed.js:1:1)'],
      ['pay (a)'],
    ],
    [
      'those of a project that is called middleware',
      ['pay (/srv/middleware/src/a.js:1:1)', 'checkout (/srv/middleware/src/b.js:1:1)'],
      ['pay (a)', 'checkout (b)'],
    ],
    [
      'no async function without a name around',
      ['pay (/app/a.js:1:1)', 'async /app/server.js:1:1'],
      ['pay (a)'],
    ],
    ['what threw, whatever its name', ['logger (/app/b.js:1:1)'], ['logger (b)']],
  ])('%s', (_, lines, names) => expect(own(...lines)).toEqual(names))
})
