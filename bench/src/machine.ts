import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { CONTENDERS } from './contenders.js'
import { isPinned } from './processes/start.js'

/** What a run was made on and with. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly gibibytes: number
  readonly system: string
  readonly node: string
  /** Whether the server had a core of its own. */
  readonly isPinned: boolean
  /** What else the machine did when it began: processes that wanted to run, over a minute. */
  readonly load: number
  /** Packages measured, frameworks included. */
  readonly versions: Readonly<Record<string, string>>
}

const FRAMEWORKS = ['fastify', 'koa', 'hono', '@hono/node-server', 'express']

export function describeMachine(): Machine {
  const packages = new Set([...FRAMEWORKS, ...CONTENDERS.flatMap(({ packages = [] }) => packages)])
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    gibibytes: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    isPinned,
    load: loadavg()[0] ?? 0,
    versions: Object.fromEntries([...packages].sort().map(name => [name, versionOf(name)])),
  }
}

/** Of a package as it is installed here. */
export function versionOf(name: string): string {
  const manifest = join(import.meta.dirname, '../node_modules', name, 'package.json')
  return JSON.parse(readFileSync(manifest, 'utf8')).version
}
