import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'rolldown'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Collector, createCollector } from '../../src/index.js'
import { ask, KEY, runCli, SITE, temporaryFolder } from '../helpers.js'

const CART = `export function computeTotal(cart: { items: { price: number }[] }): number {
  return cart.items.reduce((sum, item) => sum + item.price, 0)
}
`
const MAIN = `import { computeTotal } from './cart.ts'

const { createAnalytics } = await import(process.env.CORE!)
const analytics = createAnalytics({ captureUncaught: false })
try {
  computeTotal(JSON.parse('{}'))
} catch (error) {
  analytics.captureException(error)
}
process.exitCode = (await analytics.close()) ? 0 : 1
`
const RELEASE = '1.4.0'

const project = temporaryFolder(afterAll)
let collector: Collector

/** Builds a version of the application with a bundler that writes debug ids. */
async function makeBuild(name: string, cart: string): Promise<string> {
  const sources = join(project, name, 'src')
  mkdirSync(sources, { recursive: true })
  writeFileSync(join(project, name, 'package.json'), '{"type":"module"}')
  writeFileSync(join(sources, 'cart.ts'), cart)
  writeFileSync(join(sources, 'main.ts'), MAIN)
  const dist = join(project, name, 'dist')
  await build({
    input: join(sources, 'main.ts'),
    platform: 'node',
    logLevel: 'warn',
    output: { dir: dist, minify: true, sourcemap: true, sourcemapDebugIds: true },
  })
  return dist
}

async function upload(folder: string): Promise<void> {
  const args = ['sourcemaps', 'upload', folder, '--release', RELEASE, '--url', collector.url, '--key', KEY]
  const cli = runCli(args)
  expect(await cli.ended, cli.err()).toBe(0)
}

/** Runs it as it is deployed: what fails in it comes to the collector by the client itself. */
async function run(folder: string): Promise<void> {
  const env = {
    PATH: process.env.PATH,
    CORE: import.meta.resolve('@justanalytics/core'),
    JUSTANALYTICS_API_KEY: KEY,
    JUSTANALYTICS_SITE_ID: SITE,
    JUSTANALYTICS_ENDPOINT: `${collector.url}/v1/events`,
    JUSTANALYTICS_RELEASE: RELEASE,
  }
  await promisify(execFile)(process.execPath, [join(folder, 'main.js')], { env })
}

interface Occurrence {
  event: { properties: { debug_ids?: Record<string, string> } }
  frames: Record<string, unknown>[]
}

/** What was thrown, by the folder that it was thrown in. */
async function occurrences(): Promise<(folder: string) => Occurrence | undefined> {
  const { body } = await ask(`${collector.url}/api/v1/groups`)
  const groups = body.items as { id: string; culprit: string }[]
  expect(groups.map(({ culprit }) => culprit)).toEqual(['computeTotal (cart.ts)'])
  const one = await ask(`${collector.url}/api/v1/groups/${groups[0]?.id}`)
  const { items } = one.body.occurrences as { items: Occurrence[] }
  return folder => items.find(({ frames }) => JSON.stringify(frames[0]?.generated).includes(folder))
}

beforeAll(async () => {
  collector = await createCollector({ port: 0, data: temporaryFolder(afterAll), site: SITE, key: KEY })
})
afterAll(() => collector.close())

describe('two builds of one release and of one file', () => {
  it('are led back each to its own sources, by the debug ids that the client tells of', async () => {
    const first = await makeBuild('first', CART)
    const second = await makeBuild(
      'second',
      `// It is dearer now.\n\n\n${CART.replace('sum +', '1 + sum +')}`,
    )
    await upload(first)
    await upload(second)
    await run(first)
    await run(second)

    const thrownIn = await occurrences()
    for (const [folder, line] of [
      [first, 2],
      [second, 5],
    ] as const) {
      const { event, frames } = thrownIn(folder) as Occurrence
      const file = join(folder, 'main.js')
      const [, id] = /\/\/# debugId=(\S+)/.exec(readFileSync(file, 'utf8')) ?? []
      expect(event.properties.debug_ids).toEqual({ [file]: id })
      expect(frames[0]).toMatchObject({ function: 'computeTotal', line, own: true })
      expect(frames[0]?.source).toMatchObject({
        lines: expect.arrayContaining([expect.stringContaining('cart.items.reduce')]),
      })
    }
  }, 60_000)
})
