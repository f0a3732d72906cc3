import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Answers } from './answers.js'
import { type Made, SHOP, WORKSHOP } from './events.js'
import { type PassingProxy, startProxy } from './proxy.js'

const CLI = join(import.meta.dirname, '../../../packages/collector/dist/cli.js')
const KEY = 'page-test-key'
const MOST = 500

export interface TestCollector {
  /**
   * A way to it as from outside: in a folder, through a proxy of its own.
   *
   * @param end - what is asked of a window that ends there is asked once: nothing is stored of it any more
   */
  reach(end?: string): Promise<PassingProxy>
  /** Stores events of one site. */
  send(events: readonly Made[]): Promise<void>
  announceRelease(release: { release: string; environment: string; at: string }): Promise<void>
  uploadMap(upload: { release: string; file: string; map: object }): Promise<void>
  /** Asks it for JSON. */
  ask(path: string): Promise<unknown>
  close(): Promise<void>
}

async function createKey(data: string, site: string): Promise<string> {
  const args = [CLI, 'keys', 'create', '--site', site, '--data', data]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return /API_KEY=(\S+)/.exec(stdout)?.[1] ?? ''
}

/** A real collector on an empty folder, in a process of its own, with keys for the shop and these sites. */
export async function startCollector(others: readonly string[] = []): Promise<TestCollector> {
  const data = mkdtempSync(join(tmpdir(), 'dashboard-test-'))
  const keys = new Map(
    await Promise.all(others.map(async site => [site, await createKey(data, site)] as const)),
  )
  const args = [CLI, '--port', '0', '--data', data, '--site', SHOP, '--key', KEY]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  child.stdout.setEncoding('utf8')
  let said = ''
  const listening = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', text => {
      said += text
      const url = /listens on (http:\S+[^,\s])/.exec(said)?.[1]
      if (url) resolve(url)
    })
    void ended.then(() => reject(new Error(`the collector did not start: ${said}`)))
  })
  const origin = await listening
  const proxies: PassingProxy[] = []
  const answers = new Answers()

  const post = async (path: string, body: unknown, key = KEY): Promise<void> => {
    const response = await fetch(`${origin}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    // What a busy machine says; clients come again, too.
    if ([408, 429, 503].includes(response.status)) {
      await setTimeout(250)
      return post(path, body, key)
    }
    const text = await response.text()
    if (!response.ok || text.includes('"reason"')) throw new Error(`${path}: ${response.status} ${text}`)
  }

  return {
    async reach(end) {
      const proxy = await startProxy(origin, answers, end)
      proxies.push(proxy)
      return proxy
    },
    async send(events) {
      const batches = Array.from({ length: Math.ceil(events.length / MOST) }, (_, index) =>
        events.slice(index * MOST, (index + 1) * MOST),
      )
      const key = keys.get(events[0]?.site_id ?? '') ?? KEY
      await Promise.all(batches.map(batch => post('/v1/events', batch, key)))
    },
    announceRelease: release => post('/api/v1/releases', release),
    uploadMap: upload => post('/api/v1/sourcemaps', upload, keys.get(WORKSHOP)),
    ask: async path => (await fetch(`${origin}${path}`)).json(),
    async close() {
      await Promise.all(proxies.map(proxy => proxy.close()))
      child.kill()
      await ended
      rmSync(data, { recursive: true, force: true })
    },
  }
}
