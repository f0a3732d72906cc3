import { execFile } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { AnyMap } from '@jridgewell/trace-mapping'
import { readFault } from '../../src/grouping/fault.js'
import { type Group, groupOf } from '../../src/grouping/key.js'
import type { SourceMaps } from '../../src/sourcemaps/maps.js'
import { resolveFault } from '../../src/sourcemaps/resolver.js'
import { type App, type Build, makeBuilds } from './builds.js'

const RUN = fileURLToPath(new URL('run.mjs', import.meta.url))
const CORE = import.meta.resolve('@justanalytics/core/event')

/** What the applications need beside themselves. */
const PACKAGES = ['express', 'fastify', 'hono', 'ioredis', 'koa', 'pg', 'undici', 'zod']

/** One error as it was thrown in one build. */
export interface Observation {
  build: string
  /** Which of the application's faults it is: what a group should be. */
  fault: string
  group: Group
}

export interface Figures {
  faults: number
  observations: number
  groups: number
  /** Of the pairs in one group, how many are one fault. */
  precision: number
  /** Of the pairs that are one fault, how many are in one group. */
  recall: number
}

function mapsOf({ maps }: Build): SourceMaps {
  const opened = new Map(maps.map(file => [basename(file), new AnyMap(readFileSync(`${file}.map`, 'utf8'))]))
  const names = [...opened].map(([file, map]) => ({
    site: 'shop',
    release: 'r',
    file,
    debugId: '',
    sources: map.sources.map(String),
  }))
  return {
    ofRelease: async () => names,
    withDebugId: async () => undefined,
    open: async ({ file }) => opened.get(file),
    forget: () => {},
  }
}

interface Thrown {
  fault: string
  route: string
  [fact: string]: unknown
}

async function run(runner: string, { main, nodeArgs }: Build, seed: number): Promise<Thrown[]> {
  const { NODE_OPTIONS: _, ...env } = process.env
  const args = [...nodeArgs, runner, pathToFileURL(main).href, CORE, String(seed)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, maxBuffer: 64 * 1024 * 1024 })
  return JSON.parse(stdout) as Thrown[]
}

/**
 * Throws every fault of an application in each build, and groups what a client tells of it, with and without
 * source maps.
 * @param names the builds; all unless said
 */
export async function observe(
  app: App,
  folder: string,
  names?: readonly string[],
): Promise<{ mapped: Observation[]; bare: Observation[] }> {
  // Between a server and its handlers stands a package.
  const runner = join(folder, 'node_modules/runner/run.mjs')
  cpSync(RUN, runner)
  for (const name of PACKAGES)
    symlinkSync(
      fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url)),
      join(folder, 'node_modules', name),
    )
  const builds = (await makeBuilds(app, folder)).filter(({ name }) => names?.includes(name) ?? true)
  const observed = await Promise.all(
    builds.map(async (build, index) => {
      const maps = mapsOf(build)
      return Promise.all(
        (await run(runner, build, 11 + 100 * index)).map(thrown => group(thrown, build, maps)),
      )
    }),
  )
  const all = observed.flat()
  return { mapped: all.map(({ mapped }) => mapped), bare: all.map(({ bare }) => bare) }
}

async function group({ fault, ...properties }: Thrown, { name: build }: Build, maps: SourceMaps) {
  const event = {
    site_id: 'shop',
    event: 'exception',
    event_id: '',
    timestamp: '',
    properties: { ...properties, release: 'r' },
  }
  const sent = readFault(event)
  const resolved = await resolveFault(maps, event, sent)
  return {
    mapped: { build, fault, group: groupOf(resolved?.fault ?? sent) },
    bare: { build, fault, group: groupOf(sent) },
  }
}

function pairs(sizes: Iterable<number>): number {
  let sum = 0
  for (const size of sizes) sum += (size * (size - 1)) / 2
  return sum
}

function sizes(
  observations: readonly Observation[],
  key: (each: Observation) => string,
): Map<string, number> {
  const counts = new Map<string, number>()
  for (const each of observations) counts.set(key(each), (counts.get(key(each)) ?? 0) + 1)
  return counts
}

export function judge(observations: readonly Observation[]): Figures {
  const faults = sizes(observations, ({ fault }) => fault)
  const groups = sizes(observations, ({ group }) => group.id)
  const right = pairs(sizes(observations, ({ fault, group }) => `${fault}\n${group.id}`).values())
  return {
    faults: faults.size,
    observations: observations.length,
    groups: groups.size,
    precision: right / pairs(groups.values()),
    recall: right / pairs(faults.values()),
  }
}

/** What went wrong, a line each: groups of several faults, and faults in several groups. */
export function explain(observations: readonly Observation[]): string[] {
  const lines: string[] = []
  const by = (key: (each: Observation) => string) => {
    const all = new Map<string, Observation[]>()
    for (const each of observations) all.set(key(each), [...(all.get(key(each)) ?? []), each])
    return all
  }
  for (const [, members] of by(({ group }) => group.id)) {
    const faults = [...new Set(members.map(({ fault }) => fault))]
    if (faults.length > 1)
      lines.push(`one group of ${faults.join(' + ')}: ${members[0]?.group.why.join('; ')}`)
  }
  for (const [fault, members] of by(({ fault }) => fault)) {
    const groups = new Map(members.map(({ group, build }) => [group.id, `${build}: ${group.why.join('; ')}`]))
    if (groups.size > 1)
      lines.push(`${groups.size} groups of ${fault}:`, ...[...groups.values()].map(why => `  ${why}`))
  }
  return lines
}
