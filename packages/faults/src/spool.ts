import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Stats } from '@justanalytics/core'
import type { SpoolCase } from './cases/spool.js'
import { type Ended, start } from './children.js'
import { ourLines } from './differences.js'
import { API_KEY } from './endpoints.js'
import { violations } from './invariants.js'
import { FaultServer, reset } from './server/index.js'

/** @returns a sentence for everything that is not as expected, or breaks what always holds */
export async function runSpoolCase(one: SpoolCase): Promise<string[]> {
  const parent = mkdtempSync(join(tmpdir(), 'faults-'))
  try {
    return await runIn(parent, one)
  } finally {
    rmSync(parent, { recursive: true, force: true })
  }
}

async function runIn(parent: string, one: SpoolCase): Promise<string[]> {
  writeFileSync(join(parent, 'file'), '')
  const folder = join(parent, one.at ?? 'spool')
  await using server = await FaultServer.open({ script: { connect: [[reset]] } })
  const run = async (act: string, siteId = 'site', fileLimit?: number): Promise<Ended> => {
    const options = { apiKey: API_KEY, siteId, endpoint: server.url, spool: folder }
    const args = [JSON.stringify({ act, options, reports: true })]
    return await (await start({ app: 'script.mjs', args, ...(fileLimit !== undefined && { fileLimit }) }))
      .ended
  }
  const times = <T>(count: number, make: () => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: count }, make))

  await times(one.firsts ?? 1, () => run(one.first ?? 'capture some'))
  const secret = contentOf(folder).includes(API_KEY) ? ['the key is in the spool'] : []
  one.befalls?.(folder)
  server.script = {}
  const seconds = await times(one.seconds ?? 1, () =>
    run(one.second ?? 'send what is there', one.site, one.fileLimit),
  )
  const lines = seconds.flatMap(({ stderr }) => ourLines(stderr))
  const clients = (one.firsts ?? 1) + seconds.length
  const all = seconds.map(({ last }) => last?.stats)
  return [
    ...secret,
    ...seconds.flatMap(({ code, stderr }) => (code === 0 ? [] : [`it ended with ${code}: ${stderr}`])),
    ...all.flatMap(stats =>
      stats
        ? violations({ stats, ledger: server.ledger, lines, apiKey: API_KEY, clients })
        : ['no last words'],
    ),
    ...Object.entries(one.expect).flatMap(([name, ought]) => {
      const is = total(all, name as keyof Stats)
      return isDeepStrictEqual(is, ought)
        ? []
        : [`${name}: ${JSON.stringify(is)}, not ${JSON.stringify(ought)}`]
    }),
    ...check('events that arrived', countEvents(server), one.arrive),
    ...check('files that are left', contentNames(folder).length, one.left ?? 0),
    ...unmet(one.warnings ?? [], lines),
  ]
}

function total(all: readonly (Stats | undefined)[], name: keyof Stats): unknown {
  const parts = all.map(stats => stats?.[name])
  if (name !== 'dropped') return (parts as number[]).reduce((sum, part) => sum + part, 0)
  const dropped: Record<string, number> = {}
  for (const part of parts) {
    for (const [reason, count] of Object.entries(part ?? {})) dropped[reason] = (dropped[reason] ?? 0) + count
  }
  return dropped
}

function countEvents({ ledger }: FaultServer): number {
  return [...ledger.events.values()].filter(({ event }) => event.event !== 'client_report').length
}

function check(what: string, is: number, ought: number): string[] {
  return is === ought ? [] : [`${what}: ${is}, not ${ought}`]
}

function unmet(warnings: readonly RegExp[], lines: readonly string[]): string[] {
  const met = warnings.every(pattern => lines.some(line => pattern.test(line)))
  return met && (warnings.length > 0 || lines.length === 0)
    ? []
    : [`warnings: ${JSON.stringify(lines)}, not ${warnings.map(String)}`]
}

function contentNames(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function contentOf(folder: string): string {
  return contentNames(folder)
    .map(name => join(folder, name))
    .filter(path => statSync(path).isFile())
    .map(path => path + readFileSync(path, 'latin1'))
    .join('\n')
}
