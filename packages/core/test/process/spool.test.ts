import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Stats } from '../../src/queue/ledger.js'
import { accept, type Behaviour, Endpoint } from '../endpoint.js'
import { SpoolFolder } from '../transport/spool/folder.js'

const SICK: Behaviour = () => ({ status: 503 })

let endpoint: Endpoint
let folder: SpoolFolder
let running: ChildProcess[]

beforeEach(async () => {
  endpoint = await Endpoint.open(SICK)
  folder = new SpoolFolder()
  running = []
})
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  await endpoint[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

interface App {
  readonly child: ChildProcess
  /** Lines it has written. */
  readonly lines: string[]
  readonly ended: Promise<{ code: number | null; stderr: string }>
}

function run(what: string, ...options: string[]): App {
  const program = fileURLToPath(new URL('spooler.mjs', import.meta.url))
  const child = spawn(process.execPath, [program, what, endpoint.url, folder.path, ...options], {
    stdio: 'pipe',
  })
  running.push(child)
  const lines: App['lines'] = []
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    lines.push(...chunk.toString().trim().split('\n'))
  })
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const ended = new Promise<{ code: number | null; stderr: string }>(resolve =>
    child.on('close', code => resolve({ code, stderr })),
  )
  return { child, lines, ended }
}

/** An application captures every 20 ms that it is given: so often in a second, however busy the machine is. */
const TICKS_A_SECOND = 50

/** Lets an application capture so often, then kills it. @returns how many events it owes */
async function runAndKill(ticks: number): Promise<{ pid: number; owed: number }> {
  const { child, lines, ended } = run('capture forever')
  while (lines.length < ticks) await new Promise(resolve => child.stdout?.once('data', resolve))
  child.kill('SIGKILL')
  await ended
  return { pid: child.pid as number, owed: Number(lines.at(-1 - TICKS_A_SECOND)) }
}

async function flush(): Promise<Stats> {
  const { lines, ended } = run('flush')
  await ended
  return JSON.parse(lines.join('')) as Stats
}

/** The endpoint is healthy from now on; what it was sent before does not count. */
function heal(): void {
  endpoint.behaviour = accept
  endpoint.received.length = 0
}

const names = (): string[] => endpoint.events.map(({ event }) => event)
const numbersOf = (pid: number): number[] =>
  endpoint.events
    .filter(({ properties }) => properties.process === pid)
    .map(({ properties }) => properties.n as number)
const expectEachOnce = (): void => {
  const ids = endpoint.events.map(({ event_id }) => event_id)
  expect(ids.length).toBe(new Set(ids).size)
}

describe('a killed process', () => {
  it('is outlived by what it captured more than a second before, each event once', async () => {
    const { pid, owed } = await runAndKill(100)
    expect(owed).toBeGreaterThan(100)
    expect(folder.content).not.toContain('top-secret')
    heal()
    const stats = await flush()
    const arrived = new Set(numbersOf(pid))
    for (let n = 0; n < owed; n++) expect(arrived).toContain(n)
    expectEachOnce()
    expect(stats.delivered).toBe(arrived.size)
    expect(stats.adopted).toBe(stats.delivered + (stats.dropped.internal ?? 0))
    expect(folder.names).toEqual([])
  })

  it('is outlived by all of it where the endpoint took a part', async () => {
    let answered = 0
    endpoint.behaviour = received => (++answered % 2 === 0 ? accept(received) : { status: 503 })
    const { pid, owed } = await runAndKill(150)
    endpoint.behaviour = accept
    await flush()
    const arrived = new Set(numbersOf(pid))
    for (let n = 0; n < owed; n++) expect(arrived).toContain(n)
  })

  it('is inherited by one of several that start at once', async () => {
    const { pid, owed } = await runAndKill(100)
    heal()
    const stats = await Promise.all([flush(), flush(), flush()])
    expectEachOnce()
    const arrived = new Set(numbersOf(pid))
    for (let n = 0; n < owed; n++) expect(arrived).toContain(n)
    expect(stats.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(arrived.size)
    expect(folder.names).toEqual([])
  })

  it('may be one of ten on the same folder', async () => {
    const killed = await Promise.all(Array.from({ length: 10 }, () => runAndKill(100)))
    expect(folder.bytes).toBeLessThanOrEqual(16 * 1024 * 1024)
    heal()
    await Promise.all([flush(), flush()])
    expectEachOnce()
    for (const { pid, owed } of killed) {
      const arrived = new Set(numbersOf(pid))
      for (let n = 0; n < owed; n++) expect(arrived).toContain(n)
    }
  }, 60_000)

  it('leaves a running one’s files alone', async () => {
    const { lines, child } = run('capture forever')
    await folder.until(({ content }) => content.includes('tick'))
    const stats = await flush()
    expect(stats.adopted).toBe(0)
    const before = lines.length
    await new Promise(resolve => child.stdout?.once('data', resolve))
    expect(lines.length).toBeGreaterThan(before)
  })
})

describe('a process that ends', () => {
  it.each([
    ['by itself', 'capture and end', 0],
    ['by process.exit', 'capture and exit', 3],
    ['by an error', 'capture and throw', 1],
  ])('%s leaves what was not delivered to the next', async (_how, what, code) => {
    const { ended } = run(what)
    expect((await ended).code).toBe(code)
    expect(folder.names).toHaveLength(1)
    heal()
    expect(await flush()).toMatchObject({ captured: 0, adopted: 1, delivered: 1 })
    expect(names()).toEqual(['last words'])
    expect(folder.names).toEqual([])
  })

  it.each([1, 110, 250, 500])(
    'after %i ms leaves everything, whatever was being written',
    async milliseconds => {
      const { lines, ended, child } = run('capture and exit after', String(milliseconds))
      await ended
      heal()
      await flush()
      const count = Number(lines.at(-1))
      expect(numbersOf(child.pid as number).toSorted((a, b) => a - b)).toEqual([...Array(count).keys()])
      expect(folder.names).toEqual([])
    },
  )

  it('by an error leaves the report of it too, with captureUncaught', async () => {
    endpoint.behaviour = () => 'silent'
    const { ended } = run('capture and throw', 'captureUncaught')
    expect((await ended).code).toBe(1)
    heal()
    await flush()
    expect(names().toSorted()).toEqual(['exception', 'last words'])
  })

  it('leaves nothing that it delivered', async () => {
    endpoint.behaviour = accept
    expect(await run('capture and end').ended).toEqual({ code: 0, stderr: '' })
    expect(await run('capture and exit', 'captureUncaught').ended).toEqual({ code: 3, stderr: '' })
    expect(names()).toEqual(['last words', 'last words'])
    expect(folder.names).toEqual([])
  })

  it('is not kept by what others left', async () => {
    await run('capture and exit').ended
    endpoint.behaviour = () => 'silent'
    endpoint.received.length = 0
    expect((await run('nothing').ended).code).toBe(0)
    expect(endpoint.received).toHaveLength(0)
    heal()
    expect(await flush()).toMatchObject({ adopted: 1, delivered: 1 })
  })
})
