import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Context, Handler } from 'hono'
import { Refusal } from './errors.js'
import { writeVerdict } from './first-html.js'
import type { Verdict } from './query/verdict.js'
import type { SharedQuestion } from './sharing.js'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
}

interface File {
  body: Uint8Array<ArrayBuffer>
  packed: Uint8Array<ArrayBuffer>
  headers: Record<string, string>
}

/** The built page beside this module, or beside the built one where this is the source. */
function findFolder(): string | undefined {
  return ['./page/', '../dist/page/']
    .map(path => fileURLToPath(new URL(path, import.meta.url)))
    .find(path => existsSync(join(path, 'index.html')))
}

function readFolder(folder: string): Map<string, File> {
  const files = new Map<string, File>()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const path = file.slice(folder.length).replaceAll('\\', '/')
    const body = new Uint8Array(readFileSync(file))
    files.set(path === 'index.html' ? '/' : `/${path}`, {
      body,
      packed: new Uint8Array(gzipSync(body)),
      headers: {
        'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
        // The build names an asset after its content.
        'Cache-Control': path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        Vary: 'Accept-Encoding',
      },
    })
  }
  return files
}

/** How long the page waits for its verdict before it comes without. */
const LONGEST_WAIT_MS = 3000

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** The page's ranges; the endpoints know only `from` and `to`. */
const RANGES: Readonly<Record<string, number>> = {
  '15m': HOUR / 4,
  '1h': HOUR,
  '6h': 6 * HOUR,
  '24h': DAY,
  '3d': 3 * DAY,
  '7d': 7 * DAY,
}

/** The page's windows end on whole seconds, so that all who look at the same moment ask the same. */
const GRID = 1000

/** The question that the page's address asks. */
function readView(url: string, now: number): string {
  const asked = new URL(url).searchParams
  const range = asked.get('range') ?? ''
  const end = Math.ceil(now / GRID) * GRID
  if (!asked.get('from')) {
    const length = (Object.hasOwn(RANGES, range) && RANGES[range]) || DAY
    asked.set('from', new Date(end - length).toISOString())
    asked.delete('to')
  }
  if (!asked.get('to')) asked.set('to', new Date(end).toISOString())
  for (const name of ['range', 'figures', 'open', 'request']) asked.delete(name)
  return `?${asked}`
}

/** The page with its verdict; without where that is slow, fails, or is asked for wrongly. */
async function first(verdict: SharedQuestion<Verdict>, html: string, url: string): Promise<string> {
  const now = Date.now()
  const query = readView(url, now)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, LONGEST_WAIT_MS)
  })
  const found = await Promise.race([verdict(`http://page/${query}`, now).catch(() => undefined), late])
  clearTimeout(timer)
  return found ? writeVerdict(html, found, query) : html
}

function send(c: Context, { headers }: File, body: File['body'], packed: () => File['packed']): Response {
  const packs = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '')
  return c.body(packs ? packed() : body, 200, {
    ...headers,
    ...(packs ? { 'Content-Encoding': 'gzip' } : {}),
  })
}

/** The page and its assets, held in memory: only what was built can be asked for. */
export function servePage(verdict: SharedQuestion<Verdict>): Handler {
  const folder = findFolder()
  const files = folder === undefined ? new Map<string, File>() : readFolder(folder)
  const page = files.get('/')
  const html = new TextDecoder().decode(page?.body)

  return async function servePage(c) {
    const file = files.get(c.req.path)
    if (page && file === page) {
      const body = new TextEncoder().encode(await first(verdict, html, c.req.url))
      return send(c, file, body, () => new Uint8Array(gzipSync(body)))
    }
    if (file) return send(c, file, file.body, () => file.packed)
    if (c.req.path === '/') throw new Refusal(503, 'The page is not part of this build.')
    throw new Refusal(404, 'There is nothing at this address.')
  }
}
