import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { accept, type Behaviour, Endpoint } from '../endpoint.js'

let endpoint: Endpoint
afterEach(() => endpoint[Symbol.asyncDispose]())

interface Ended {
  code: number | null
  stderr: string
  milliseconds: number
}

async function run(what: string, behaviour: Behaviour): Promise<Ended> {
  endpoint = await Endpoint.open(behaviour)
  const app = fileURLToPath(new URL('app.ts', import.meta.url))
  const started = performance.now()
  const child = spawn(process.execPath, ['--import', 'tsx', app, what, endpoint.url], { stdio: 'pipe' })
  let stderr = ''
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  return { code, stderr, milliseconds: performance.now() - started }
}

const received = (): string[] => endpoint.events.map(({ event }) => event)

describe('a process that ends by itself', () => {
  it('delivers what is queued first', async () => {
    expect(await run('capture', accept)).toMatchObject({ code: 0, stderr: '' })
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
