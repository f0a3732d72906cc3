import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Handler } from 'hono'
import { Refusal } from './errors.js'

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

/** The page and its assets, held in memory: only what was built can be asked for. */
export function servePage(): Handler {
  const folder = findFolder()
  const files = folder === undefined ? new Map<string, File>() : readFolder(folder)

  return async function page(c) {
    const file = files.get(c.req.path)
    if (file) {
      const packs = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '')
      return c.body(packs ? file.packed : file.body, 200, {
        ...file.headers,
        ...(packs ? { 'Content-Encoding': 'gzip' } : {}),
      })
    }
    if (c.req.path === '/') throw new Refusal(503, 'The page is not part of this build.')
    throw new Refusal(404, 'There is nothing at this address.')
  }
}
