import { describe, expect, it } from 'vitest'
import { foldFrames, readFrame, readTraceback } from '../src/text/traceback.js'

describe('readFrame', () => {
  it.each([
    [
      '    at computeTotal (/srv/src/cart.ts:41:27)',
      { call: 'computeTotal', place: '/srv/src/cart.ts:41:27', library: null },
    ],
    [
      '    at async Server.<anonymous> (file:///srv/src/server.ts:23:3)',
      { call: 'async Server.<anonymous>', place: '/srv/src/server.ts:23:3', library: null },
    ],
    ['    at /srv/src/main.ts:9:1', { call: null, place: '/srv/src/main.ts:9:1', library: null }],
    [
      '    at async file:///srv/src/main.ts:9:1',
      { call: null, place: '/srv/src/main.ts:9:1', library: null },
    ],
    [
      '    at Object.pay [as handler] (C:\\shop\\node_modules\\fastify\\lib\\reply.js:1:2)',
      {
        call: 'Object.pay [as handler]',
        place: 'C:\\shop\\node_modules\\fastify\\lib\\reply.js:1:2',
        library: 'fastify',
      },
    ],
    [
      '    at run (/srv/node_modules/.pnpm/@fastify+cookie@1.0.0/node_modules/@fastify/cookie/plugin.js:18:5)',
      {
        call: 'run',
        place: '/srv/node_modules/.pnpm/@fastify+cookie@1.0.0/node_modules/@fastify/cookie/plugin.js:18:5',
        library: '@fastify/cookie',
      },
    ],
    [
      '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
      {
        call: 'process.processTicksAndRejections',
        place: 'node:internal/process/task_queues:105:5',
        library: 'node:internal',
      },
    ],
    [
      '    at afterConnect [as oncomplete] (node:net:1637:16)',
      { call: 'afterConnect [as oncomplete]', place: 'node:net:1637:16', library: 'node:net' },
    ],
    ['    at Array.map (<anonymous>)', { call: 'Array.map', place: '<anonymous>', library: 'built-in' }],
  ])('reads %s', (line, frame) => {
    expect(readFrame(line)).toEqual(frame)
  })

  it.each(['TypeError: at least one', '    … 4812 more of the same', ''])('leaves %j alone', line => {
    expect(readFrame(line)).toBeNull()
  })
})

describe('readTraceback', () => {
  it('folds runs of library frames and keeps own frames and other lines in place', () => {
    const parts = readTraceback(
      [
        'TypeError: no id',
        'second line',
        '    at own (/srv/a.js:1:1)',
        '    at one (/srv/node_modules/fastify/x.js:1:1)',
        '    at two (node:net:1:1)',
        '    at three (/srv/node_modules/fastify/y.js:1:1)',
        '    at again (/srv/b.js:2:2)',
        '    … 4812 more of the same',
      ].join('\n'),
    )
    expect(parts.map(part => part.kind)).toEqual(['text', 'own', 'library', 'own', 'text'])
    expect(parts[0]).toEqual({ kind: 'text', text: 'TypeError: no id\nsecond line' })
    expect(parts[2]).toMatchObject({ libraries: ['fastify', 'node:net'], frames: { length: 3 } })
  })

  it('reads a hundred thousand characters without a line end at once', () => {
    expect(readTraceback(`at ${'('.repeat(100_000)}`)).toHaveLength(1)
  })
})

describe('foldFrames', () => {
  it('folds what is not our own, and keeps source lines with what is', () => {
    const source = { start: 40, lines: ['a', 'b'] }
    const parts = foldFrames([
      { function: 'total', file: 'src/cart.ts', line: 41, column: 7, own: true, source },
      { function: null, file: '/srv/node_modules/fastify/lib/a.js', line: 1, column: 2, own: false },
      { function: 'run', file: 'node:internal/async', line: null, column: null, own: false, async: true },
    ])
    expect(parts).toEqual([
      {
        kind: 'own',
        frame: { call: 'total', place: 'src/cart.ts:41:7', library: null, source: { ...source, line: 41 } },
      },
      {
        kind: 'library',
        libraries: ['fastify', 'node:internal'],
        frames: [
          { call: null, place: '/srv/node_modules/fastify/lib/a.js:1:2', library: 'fastify' },
          { call: 'async run', place: 'node:internal/async', library: 'node:internal' },
        ],
      },
    ])
  })
})
