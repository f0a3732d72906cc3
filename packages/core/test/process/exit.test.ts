import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { accept, type Behaviour, Endpoint } from '../endpoint.js'

let endpoint: Endpoint
afterEach(() => endpoint[Symbol.asyncDispose]())

interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

async function run(what: string, behaviour: Behaviour, ...flags: string[]): Promise<Ended> {
  endpoint = await Endpoint.open(behaviour)
  const app = fileURLToPath(new URL('app.mjs', import.meta.url))
  const [option = '', ...node] = flags
  const child = spawn(process.execPath, [...node, app, what, endpoint.url, option], {
    stdio: 'pipe',
  })
  let stdout = ''
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  let stderr = ''
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  return { code, stdout, stderr }
}

const received = (): string[] => endpoint.events.map(({ event }) => event)

describe('a process that ends by itself', () => {
  it('delivers what is queued first', async () => {
    expect(await run('capture', accept)).toMatchObject({ code: 0, stderr: '' })
    expect(received()).toEqual(['last words'])
  })

  it('delivers the request that it has just answered', async () => {
    expect(await run('answer a request', accept)).toMatchObject({ code: 0, stderr: '' })
    expect(received()).toEqual(['pageview'])
  })

  it('delivers what its own last listeners capture', async () => {
    expect(await run('capture before exit', accept)).toMatchObject({ code: 0, stderr: '' })
    expect(received()).toEqual(['last words'])
  })

  it('is not kept alive by a client with nothing to send', async () => {
    expect(await run('nothing', accept)).toMatchObject({ code: 0, stderr: '' })
    expect(received()).toEqual([])
  })

  it.each<[string, Behaviour]>([
    ['silent', () => 'silent'],
    ['sick', () => ({ status: 503 })],
    ['misconfigured', () => ({ status: 404 })],
  ])('ends in spite of a %s endpoint', async (_name, behaviour) => {
    expect((await run('capture', behaviour)).code).toBe(0)
    expect(received()).toContain('last words')
  })

  it('in the middle of an attempt is not held up for longer than two seconds by it', async () => {
    const { code, stdout } = await run('end in an attempt', () => 'silent')
    expect(code).toBe(0)
    expect(received()[0]).toBe('last words')
    expect(Number(stdout)).toBeLessThan(2800)
  })

  it('keeps its exit code and its own last words', async () => {
    expect((await run('capture and exit', accept)).code).toBe(3)
    const thrown = await run('capture and throw', accept)
    expect(thrown.code).toBe(1)
    expect(thrown.stderr).toContain('the application’s own')
    expect(thrown.stderr).not.toContain('justanalytics]')
  })

  it('may await close()', async () => {
    expect(await run('capture and close', accept)).toMatchObject({ code: 0, stderr: '' })
    expect(received()).toEqual(['last words'])
  })
})

describe('with captureUncaught', () => {
  const crash = (what: string, ...flags: string[]): Promise<Ended> =>
    run(what, accept, 'captureUncaught', ...flags)
  const exceptions = () =>
    endpoint.events.filter(({ event }) => event === 'exception').map(({ properties }) => properties)

  it('a crash is reported, with what was queued, before the process dies as it would have', async () => {
    const { code, stderr } = await crash('capture and throw')
    expect(code).toBe(1)
    expect(stderr).toContain('Error: the application’s own')
    expect(received().toSorted()).toEqual(['exception', 'last words'])
    expect(exceptions()).toMatchObject([{ mechanism: 'uncaught', handled: false }])
  })

  it.each([
    ['throw', 1, 1],
    ['strict', 1, 1],
    ['warn', 0, 0],
    ['none', 0, 0],
    ['warn-with-error-code', 1, 0],
  ])(
    'a rejection under --unhandled-rejections=%s ends with %i and %i exceptions',
    async (mode, exit, count) => {
      const { code, stderr } = await crash('capture and reject', `--unhandled-rejections=${mode}`)
      expect(code).toBe(exit)
      if (count > 0) expect(stderr).toContain('nobody caught this')
      expect(exceptions()).toHaveLength(count)
      expect(received()).toContain('last words')
    },
  )

  it('an error that the application survives is told as handled', async () => {
    expect((await crash('survive an error')).code).toBe(5)
    expect(exceptions()).toMatchObject([{ mechanism: 'uncaught', handled: true }])
  })

  it.each([
    ['what is queued', 'capture and exit', 'last words'],
    ['the request that was just answered', 'answer a request and exit', 'pageview'],
  ])('process.exit delivers %s', async (_name, what, event) => {
    expect((await crash(what)).code).toBe(3)
    expect(received()).toEqual([event])
  })

  it('a silent endpoint holds a crash up for a bounded time', async () => {
    expect((await run('capture and throw', () => 'silent', 'captureUncaught')).code).toBe(1)
  })
})
