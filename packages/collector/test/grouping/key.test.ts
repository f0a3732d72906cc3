import { describe, expect, it } from 'vitest'
import { readFault } from '../../src/grouping/fault.js'
import { groupOf } from '../../src/grouping/key.js'

type Properties = Record<string, unknown>

const stack = (...frames: string[]) => ['Error: m', ...frames.map(frame => `    at ${frame}`)].join('\n')
const COMPUTE = 'computeTotal (/app/src/cart.ts:12:5)'
const PAY = 'async pay (/app/src/checkout.ts:40:9)'

const TYPE_ERROR: Properties = {
  exception_type: 'TypeError',
  exception_message: "Cannot read properties of undefined (reading 'id')",
  traceback: stack(COMPUTE, PAY),
  route: '/pay',
}
const PLAIN: Properties = {
  exception_type: 'Error',
  exception_message: 'Cart 4711 is empty',
  traceback: stack(COMPUTE, PAY),
  route: '/pay',
}
const REFUSED: Properties = {
  exception_type: 'Error',
  exception_message: 'connect ECONNREFUSED 10.0.0.7:5432',
  traceback: stack('TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)'),
  code: 'ECONNREFUSED',
  syscall: 'connect',
  route: '/pay',
}
const VALUE: Properties = {
  exception_type: 'string',
  exception_message: 'no cart 12',
  traceback: 'string: no cart 12',
  route: '/pay',
}
const CAUSE = {
  exception_type: 'RangeError',
  exception_message: 'Invalid array length',
  traceback: stack('fill (/app/src/rows.ts:1:1)'),
}

const group = (properties: Properties, site = 'site_1') =>
  groupOf(readFault({ site_id: site, event: 'exception', event_id: '1', timestamp: '', properties }))
const same = (base: Properties, change: Properties) => group(base).id === group({ ...base, ...change }).id

describe('what belongs to one group', () => {
  it.each<[string, Properties, Properties]>([
    [
      'other lines and columns',
      TYPE_ERROR,
      { traceback: stack('computeTotal (/app/src/cart.ts:99:1)', PAY) },
    ],
    ['another folder', TYPE_ERROR, { traceback: stack('computeTotal (/srv/v2/cart.ts:12:5)', PAY) }],
    [
      'a file with a hash',
      TYPE_ERROR,
      { traceback: stack('computeTotal (/app/cart-3f9ac2e1.js:12:5)', PAY) },
    ],
    [
      'another caller of a built-in error',
      TYPE_ERROR,
      { traceback: stack(COMPUTE, 'other (/app/x.ts:1:1)') },
    ],
    [
      'null for undefined',
      TYPE_ERROR,
      { exception_message: "Cannot read properties of null (reading 'id')" },
    ],
    ['another route', TYPE_ERROR, { route: '/refund' }],
    [
      'a method of a class for its function',
      TYPE_ERROR,
      { traceback: stack('Cart.computeTotal (/app/src/cart.ts:1:1)', PAY) },
    ],
    ['another number in the message', PLAIN, { exception_message: 'Cart 9 is empty' }],
    ['middleware around', PLAIN, { traceback: stack(COMPUTE, PAY, 'async logger (/app/log.ts:1:1)') }],
    ['another address of a service', REFUSED, { exception_message: 'connect ECONNREFUSED 10.0.0.8:5432' }],
    [
      'another argument of a system call',
      { ...REFUSED, syscall: 'spawn tool-7' },
      { syscall: 'spawn tool-8' },
    ],
    ['another number in a thrown text', VALUE, { exception_message: 'no cart 13' }],
    [
      'any error of one fingerprint',
      { ...PLAIN, fingerprint: ['stock'] },
      { exception_type: 'RangeError', exception_message: 'x', traceback: '' },
    ],
    [
      'another fourth cause',
      { ...PLAIN, causes: [CAUSE, CAUSE, CAUSE, CAUSE] },
      { causes: [CAUSE, CAUSE, CAUSE] },
    ],
    [
      'another line of a cause',
      { ...PLAIN, causes: [CAUSE] },
      { causes: [{ ...CAUSE, traceback: stack('fill (/app/src/rows.ts:7:7)') }] },
    ],
  ])('%s', (_, base, change) => expect(same(base, change)).toBe(true))
})

describe('what does not', () => {
  it.each<[string, Properties, Properties]>([
    ['another type', TYPE_ERROR, { exception_type: 'RangeError' }],
    ['another function', TYPE_ERROR, { traceback: stack('computeTax (/app/src/cart.ts:12:5)', PAY) }],
    ['another file', TYPE_ERROR, { traceback: stack('computeTotal (/app/src/order.ts:12:5)', PAY) }],
    [
      'another property',
      TYPE_ERROR,
      { exception_message: "Cannot read properties of undefined (reading 'name')" },
    ],
    [
      'another message of an application that throws a built-in type itself',
      { ...TYPE_ERROR, exception_message: 'Expected an age' },
      { exception_message: 'Expected a name' },
    ],
    [
      'another caller of a function without a name',
      { ...TYPE_ERROR, traceback: stack('/app/src/cart.ts:12:5', PAY) },
      { traceback: stack('/app/src/cart.ts:12:5', 'async refund (/app/src/refund.ts:1:1)') },
    ],
    ['another message', PLAIN, { exception_message: 'Cart 4711 is locked' }],
    [
      'another status in the message',
      { ...PLAIN, exception_message: 'answered with status 404' },
      { exception_message: 'answered with status 503' },
    ],
    [
      'another caller of a plain error',
      PLAIN,
      { traceback: stack(COMPUTE, 'async refund (/app/src/refund.ts:1:1)') },
    ],
    ['another code', { ...PLAIN, code: 'P2002' }, { code: 'P2025' }],
    ['another service', REFUSED, { exception_message: 'connect ECONNREFUSED 10.0.0.7:6379' }],
    ['another system call', REFUSED, { syscall: 'read' }],
    ['another route without a frame of its own', REFUSED, { route: '/refund' }],
    ['another route of a thrown value', VALUE, { route: '/refund' }],
    ['another kind of value', VALUE, { exception_type: 'object' }],
    ['a cause', PLAIN, { causes: [CAUSE] }],
    [
      'another cause',
      { ...PLAIN, causes: [CAUSE] },
      { causes: [{ ...CAUSE, traceback: stack('clear (/app/src/rows.ts:1:1)') }] },
    ],
    ['another fingerprint', { ...PLAIN, fingerprint: ['stock'] }, { fingerprint: ['stock', 'eu'] }],
  ])('%s', (_, base, change) => expect(same(base, change)).toBe(false))

  it('the same fault of another site', () => {
    expect(group(PLAIN).id).not.toBe(group(PLAIN, 'site_2').id)
  })
})

describe('what a group says of itself', () => {
  it.each<[string, Properties, string, string, string[]]>([
    [
      'an engine’s error',
      TYPE_ERROR,
      "TypeError: Cannot read properties of undefined (reading 'id')",
      'computeTotal (cart.ts)',
      ['type: TypeError', 'engine: reading id', 'frame: computeTotal (cart)'],
    ],
    [
      'a plain error',
      PLAIN,
      'Error: Cart <n> is empty',
      'computeTotal (cart.ts)',
      ['type: Error', 'message: Cart <n> is empty', 'frame: computeTotal (cart)', 'frame: pay (checkout)'],
    ],
    [
      'a fault of the network',
      REFUSED,
      'Error: connect ECONNREFUSED <host>:5432',
      '/pay',
      ['type: Error', 'code: ECONNREFUSED', 'syscall: connect', 'port: 5432', 'place: /pay'],
    ],
    [
      'a thrown text',
      VALUE,
      'string: no cart <n>',
      '/pay',
      ['kind: string', 'message: no cart <n>', 'place: /pay'],
    ],
    [
      'a fingerprint',
      { ...VALUE, fingerprint: 'stock' },
      'string: no cart <n>',
      '/pay',
      ['fingerprint: stock'],
    ],
    [
      'a cause',
      { ...PLAIN, causes: [CAUSE] },
      'Error: Cart <n> is empty',
      'computeTotal (cart.ts)',
      [
        'type: Error',
        'message: Cart <n> is empty',
        'frame: computeTotal (cart)',
        'frame: pay (checkout)',
        'cause: RangeError, array length, fill (rows)',
      ],
    ],
    ['nothing', {}, 'Error', '', ['type: Error']],
  ])('%s', (_, properties, title, culprit, why) => {
    expect(group(properties)).toMatchObject({
      title,
      culprit,
      why,
      id: expect.stringMatching(/^g2_[0-9a-f]{16}$/),
    })
  })
})

/** Shapes that make a careless expression try every split of a text. */
const HOSTILE = [
  'a',
  '1',
  ' ',
  '-',
  '.',
  '/',
  ':',
  '@',
  "'",
  '"',
  '(',
  'at ',
  '1.',
  'a-',
  'a.',
  'a/',
  '0:',
  'a@',
  '<n> ',
  'x\n',
  'at a (',
  'Caused by: ',
  ' in JSON',
  '1,',
  '😀',
]

describe('the time it takes', () => {
  it('grows no faster than what it reads, whatever it reads', () => {
    const cost = (length: number) => {
      const start = process.cpuUsage().user
      for (const shape of HOSTILE) {
        const text = shape.repeat(length / shape.length)
        group({
          exception_type: text,
          exception_message: text,
          traceback: `x\n${text}`,
          code: text,
          causes: [{ exception_type: text, exception_message: text, traceback: text }],
          fingerprint: undefined,
          route: text,
        })
      }
      return process.cpuUsage().user - start
    }
    cost(1000)
    // In microseconds for all 25 shapes; a quadratic one takes minutes for 100 KB.
    expect(cost(100_000)).toBeLessThan(1_000_000)
  })
})
