import { describe, expect, it } from 'vitest'
import { debugIdsOf } from '../../src/event/debug-ids.js'

/** The files that are asked for in a stack. */
function asked(...frames: string[]): string[] {
  const files: string[] = []
  const traceback = ['Error: m', ...frames.map(frame => `    at ${frame}`)].join('\n')
  debugIdsOf({ exception_type: 'Error', exception_message: 'm', traceback }, file => {
    files.push(file)
    return undefined
  })
  return files
}

describe("the debug ids of a stack's files", () => {
  it.each<[string, string, string[]]>([
    ['a path', 'pay (/app/dist/main.js:1:204)', ['/app/dist/main.js']],
    ['an address', 'async pay (file:///app/dist/main.mjs:1:204)', ['file:///app/dist/main.mjs']],
    ['a frame without a function', 'async file:///app/main.js:3:4', ['file:///app/main.js']],
    ['a path of Windows', 'pay (C:\\app (x86)\\main.cjs:1:2)', ['C:\\app (x86)\\main.cjs']],
    ['an address of Windows', 'pay (file:///C:/app/main.js:1:2)', ['file:///C:/app/main.js']],
    ['a query', 'pay (file:///app/main.js?t=1:1:2)', ['file:///app/main.js']],
    ['an alias', 'Cart.pay [as run] (/app/main.js:1:2)', ['/app/main.js']],
    ['a package', 'dispatch (/app/node_modules/koa/index.js:1:2)', []],
    ['Node', 'emit (node:events:518:28)', []],
    ['generated code', 'eval (eval at run (/app/main.js:1:2), <anonymous>:1:2)', []],
    ['a source', 'pay (/app/src/cart.ts:1:2)', []],
    ['another machine', 'pay (//elsewhere/share/main.js:1:2)', []],
    ['another machine of Windows', 'pay (\\\\elsewhere\\share\\main.js:1:2)', []],
    ['an address of another machine', 'pay (file://elsewhere/main.js:1:2)', []],
    ['a file of the web', 'pay (https://elsewhere/main.js:1:2)', []],
    ['a relative path', 'pay (../../etc/main.js:1:2)', []],
  ])('of %s', (_, frame, files) => {
    expect(asked(frame)).toEqual(files)
  })

  it('are asked for once a file, and for 20 files', () => {
    const frames = Array.from({ length: 60 }, (_, n) => `run (/app/${n % 30}.js:1:${n})`)
    expect(asked(...frames)).toEqual(Array.from({ length: 20 }, (_, n) => `/app/${n}.js`))
  })

  it("stand by the files' paths, those of the causes too", () => {
    const cause = {
      exception_type: 'Error',
      exception_message: '',
      traceback: 'Error\n    at file:///app/b.js:1:2',
    }
    const facts = { ...cause, traceback: 'Error\n    at run (/app/a.js:1:2)', causes: [cause] }
    const ids: Record<string, string> = { '/app/a.js': 'id-a', 'file:///app/b.js': 'id-b' }
    expect(debugIdsOf(facts, file => ids[file])).toEqual({
      debug_ids: { '/app/a.js': 'id-a', '/app/b.js': 'id-b' },
    })
  })

  it('are left out where there is none', () => {
    const facts = { exception_type: 'Error', exception_message: '', traceback: 'Error\n    at /app/a.js:1:2' }
    expect(debugIdsOf(facts, () => undefined)).toEqual({})
  })
})
