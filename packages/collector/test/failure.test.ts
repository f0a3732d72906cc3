import { readdirSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Collector, createCollector } from '../src/index.js'
import { createKey } from '../src/ingest/keys.js'
import { ask, KEY, makeEvent, SITE, send, stored, temporaryFolder, until } from './helpers.js'

let collector: Collector
afterEach(() => collector.close())

async function start(data: string = temporaryFolder()): Promise<string> {
  collector = await createCollector({ port: 0, data, site: SITE, key: KEY })
  return collector.url
}

describe('a store that fails', () => {
  it('is answered with 503, told by the health, and never acknowledged', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {})
    const data = temporaryFolder()
    const url = await start(data)
    expect((await send(url, makeEvent())).status).toBe(202)
    const tables = join(data, 'store', 'store')
    for (const name of readdirSync(tables)) rmSync(join(tables, name), { recursive: true })

    const refused = await send(url, makeEvent())
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('5')
    expect(refused.body).toEqual({ error: 'The store did not take the events.' })
    expect((await ask(`${url}/api/v1/health`)).body.status).toBe('failing')
    expect(told.mock.calls.flat().join()).toContain('The store did not take the events.')
    told.mockRestore()
  })
})

/** Begins to post a body of a million bytes and leaves it unfinished. */
function dawdle(url: string, key: string, onAnswer: (statusLine: string) => void): Socket {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.once('data', data => onAnswer(String(data).split('\r\n')[0] ?? ''))
  const head = `POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Length: 1000001\r\n\r\n`
  socket.write(head + ' '.repeat(1_000_000))
  return socket
}

describe('more than the collector can hold', () => {
  it('is answered with 429 for the key that floods and 503 for all, until there is room again', async () => {
    const data = temporaryFolder()
    const keys = [KEY, createKey(data, 'site_2').key, createKey(data, 'site_3').key] as const
    const url = await start(data)
    const sockets: Socket[] = []
    /** Resolves when so many of 40 were refused; the others are held. */
    const flood = async (key: string, refusals: number) => {
      const lines: string[] = []
      for (let i = 0; i < 40; i++) sockets.push(dawdle(url, key, line => lines.push(line)))
      await until(() => lines.length === refusals)
      return new Set(lines)
    }
    // Half of 64 MiB holds 33 bodies.
    expect(await flood(keys[0], 7)).toEqual(new Set(['HTTP/1.1 429 Too Many Requests']))
    expect((await send(url, makeEvent())).status).toBe(202)
    expect(await flood(keys[1], 7)).toEqual(new Set(['HTTP/1.1 429 Too Many Requests']))
    expect(await flood(keys[2], 39)).toEqual(new Set(['HTTP/1.1 503 Service Unavailable']))

    for (const socket of sockets) socket.destroy()
    await until(async () => (await send(url, [makeEvent({ own: 'x'.repeat(900) })])).status === 202)
    expect((await stored(url)).length).toBeGreaterThan(1)
  })
})
