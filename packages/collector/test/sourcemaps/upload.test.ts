import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describeError } from '@justanalytics/core/event'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CollectorError } from '../../src/errors.js'
import { type Collector, createCollector } from '../../src/index.js'
import { createKey } from '../../src/ingest/keys.js'
import { runSourcemaps } from '../../src/sourcemaps/command.js'
import { ask, KEY, makeEvent, runCli, SITE, send, temporaryFolder } from '../helpers.js'

const CART = `export interface Cart {
  items: { price: number; owner?: { id: string } }[]
}

export class EmptyCart extends Error {}

// The sum of all that is in it.
export function computeTotal(cart: Cart): string[] {
  const owners: string[] = []
  for (const item of cart.items) {
    owners.push(item.owner!.id)
  }
  return owners
}

export function check(cart: Cart): void {
  if (cart.items.length === 0) throw new EmptyCart(\`cart \${Math.random()} is empty\`)
}
`
const MAIN = `import { type Cart, check, computeTotal } from './cart.ts'

export async function pay(cart: Cart) {
  check(cart)
  await null
  return computeTotal(cart)
}
`
const DEBUG_ID = '85314830-023f-4cf1-a267-535f4e37bb17'

const data = temporaryFolder(afterAll)
const project = temporaryFolder(afterAll)
const otherKey = createKey(data, 'site_2').key
let collector: Collector

interface Thrown {
  exception_type: string
  exception_message: string
  traceback: string
}

/** Builds the shop as it would be deployed, runs it until it fails, and tells what of. */
async function fail(folder: string, items: object[]): Promise<Thrown> {
  const out = join(project, folder, 'main.js')
  await build({
    entryPoints: [join(project, 'src/main.ts')],
    bundle: true,
    minify: true,
    sourcemap: 'external',
    format: 'esm',
    platform: 'node',
    outfile: out,
    logLevel: 'error',
  })
  const { pay } = (await import(pathToFileURL(out).href)) as { pay(cart: object): Promise<void> }
  return pay({ items }).then(
    () => Promise.reject(new Error('it went well')),
    error => describeError(error),
  )
}

beforeAll(async () => {
  mkdirSync(join(project, 'src'))
  writeFileSync(join(project, 'src/cart.ts'), CART)
  writeFileSync(join(project, 'src/main.ts'), MAIN)
  collector = await createCollector({ port: 0, data, site: SITE, key: KEY })
})
afterAll(() => collector.close())

const report = async (thrown: Thrown, properties: object) => {
  const event = makeEvent({ ...thrown, mechanism: 'request', ...properties }, { event: 'exception' })
  expect((await send(collector.url, event)).status).toBe(202)
  const list = await ask(`${collector.url}/api/v1/groups?q=${event.event_id}`)
  const [group] = list.body.items as {
    id: string
    culprit: string
    why: string[]
    exception_type: string
    title: string
  }[]
  const one = await ask(`${collector.url}/api/v1/groups/${group?.id}?q=${event.event_id}`)
  const [occurrence] = (one.body.occurrences as { items: { frames: Record<string, unknown>[] }[] }).items
  return { group, frames: occurrence?.frames ?? [] }
}

const upload = (body: unknown, key = KEY, headers: Record<string, string> = {}) =>
  ask(`${collector.url}/api/v1/sourcemaps`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body),
  })
const MAP = { version: 3, sources: ['a.ts'], names: [], mappings: 'AAAA' }

describe('sourcemaps upload', () => {
  it('leads what a minified build throws back to its sources, and groups it by them', async () => {
    const thrown = await fail('dist', [{ price: 1 }])
    const bare = await report(thrown, { release: 'without' })
    expect(bare.group?.why.join()).not.toContain('computeTotal')

    const cli = runCli([
      'sourcemaps',
      'upload',
      join(project, 'dist'),
      '--release',
      'with',
      '--url',
      collector.url,
      '--key',
      KEY,
    ])
    expect(await cli.ended).toBe(0)
    expect(cli.out()).toBe('1/1  main.js\nUploaded 1 source map of release with.\n')

    const { group, frames } = await report(thrown, { release: 'with' })
    expect(group).toMatchObject({
      culprit: 'computeTotal (cart.ts)',
      why: ['type: TypeError', 'engine: reading id', 'frame: computeTotal (cart)'],
    })
    const line = CART.split('\n').findIndex(text => text.includes('owner!.id')) + 1
    expect(frames[0]).toMatchObject({
      function: 'computeTotal',
      file: 'src/cart.ts',
      line,
      own: true,
      generated: { file: join(project, 'dist/main.js'), line: 1 },
      source: { start: line - 5, lines: CART.split('\n').slice(line - 6, line + 5) },
    })
    expect(frames[1]).toMatchObject({ function: 'pay', file: 'src/main.ts', line: 6 })
  })

  it('finds the class of an error whose name the build has changed', async () => {
    const thrown = await fail('dist', [])
    expect(thrown.exception_type).not.toBe('EmptyCart')
    const { group } = await report(thrown, { release: 'with' })
    expect(group?.why).toEqual([
      'type: EmptyCart',
      'message: cart <n> is empty',
      'frame: check (cart)',
      'frame: pay (main)',
    ])
  })

  it('knows a build by its debug id, whatever its release', async () => {
    const thrown = await fail('marked', [{ price: 2 }])
    writeFileSync(join(project, 'marked/main.js'), `//# debugId=${DEBUG_ID}\n`, { flag: 'a' })
    const folder = join(project, 'marked')
    const cli = runCli([
      'sourcemaps',
      'upload',
      folder,
      '--release',
      'r7',
      '--url',
      collector.url,
      '--key',
      KEY,
    ])
    expect(await cli.ended).toBe(0)
    expect(cli.out()).toContain(`main.js  ${DEBUG_ID}`)
    const debug_ids = { [join(folder, 'main.js')]: DEBUG_ID }
    expect((await report(thrown, { release: 'r8', debug_ids })).frames[0]?.file).toBe('src/cart.ts')
    expect((await report(thrown, { release: 'r9' })).frames[0]?.file).toBe(join(folder, 'main.js'))
  })

  it("leaves a place as it is where Node's own source maps are on, and shows its source", async () => {
    const place = `${join(project, 'src/cart.ts')}:11:32`
    const { frames, group } = await report(
      {
        exception_type: 'TypeError',
        exception_message: 'm',
        traceback: `TypeError: m\n    at computeTotal (${place})`,
      },
      { release: 'with' },
    )
    expect(frames).toEqual([
      {
        function: 'computeTotal',
        file: join(project, 'src/cart.ts'),
        line: 11,
        column: 32,
        own: true,
        source: { start: 6, lines: CART.split('\n').slice(5, 16) },
      },
    ])
    expect(group?.culprit).toBe('computeTotal (cart.ts)')
  })

  it('keeps sites apart', async () => {
    const thrown = await fail('dist', [{ price: 3 }])
    const event = makeEvent({ ...thrown, release: 'with' }, { event: 'exception', site_id: 'site_2' })
    await send(collector.url, event, otherKey)
    const { body } = await ask(`${collector.url}/api/v1/groups?site=site_2`)
    expect(JSON.stringify(body.items)).not.toContain('computeTotal')
  })

  it.each([
    ['no folder', ['upload'], 'sourcemaps upload FOLDER'],
    ['no release', ['upload', '.', '--key', 'k'], 'Expected `--release`'],
    ['no key', ['upload', '.', '--release', 'r'], 'Expected `--key`'],
    ['a folder that is none', ['upload', './nowhere', '--release', 'r', '--key', 'k'], 'to be a folder'],
    [
      'a folder without maps',
      ['upload', './scripts', '--release', 'r', '--key', 'k'],
      'There is no source map',
    ],
    [
      'an address with a password',
      ['upload', '.', '--release', 'r', '--key', 'k', '--url', 'http://me:secret@localhost'],
      'without a user name and a password',
    ],
    [
      'an address that is none',
      ['upload', '.', '--release', 'r', '--key', 'k', '--url', 'x'],
      "the collector's address",
    ],
  ])('with %s it says what it expected', async (_, args, expected) => {
    const run = runSourcemaps(args, {})
    await expect(run).rejects.toThrow(CollectorError)
    await expect(run).rejects.toThrow(expected)
  })

  it('says where it found no collector', async () => {
    const args = [
      'upload',
      join(project, 'dist'),
      '--release',
      'r',
      '--key',
      'k',
      '--url',
      'http://127.0.0.1:1',
    ]
    await expect(runSourcemaps(args, {})).rejects.toThrow(
      'The collector at http://127.0.0.1:1 is not reached',
    )
  })

  it('says why a map was refused', async () => {
    const args = ['upload', join(project, 'dist'), '--release', 'r', '--url', collector.url]
    const run = runSourcemaps(args, { JUSTANALYTICS_API_KEY: 'unknown' })
    await expect(run).rejects.toThrow(`The collector at ${collector.url} does not take this key (401)`)
  })

  it('sends the others where one is refused, names that one, and fails', async () => {
    const folder = join(project, 'mixed')
    mkdirSync(folder)
    const sourcesContent = ['x'.repeat(25 * 1024 * 1024)]
    for (const [name, map] of Object.entries({
      'a-broken': '{"version"',
      'b-large': JSON.stringify({ ...MAP, sourcesContent }),
      'c-old': JSON.stringify({ ...MAP, version: 2 }),
      'd-good': JSON.stringify(MAP),
    }))
      writeFileSync(join(folder, `${name}.js.map`), map)
    const cli = runCli(['sourcemaps', 'upload', folder, '--release', 'mixed', '--url', collector.url], {
      JUSTANALYTICS_API_KEY: KEY,
    })
    expect(await cli.ended).toBe(1)
    expect(cli.out()).toBe('4/4  d-good.js\nUploaded 1 source map of release mixed.\n')
    const [broken, large, old, end] = cli.err().split('\n')
    expect(broken).toMatch(/^1\/4 {2}a-broken\.js\.map: no source map \(/)
    expect(large).toBe('2/4  b-large.js.map: too large: 25.0 MiB unpacked, 24.0 MiB at most')
    expect(old).toBe('3/4  c-old.js.map: refused with 400: Expected `map` to be a source map of version 3.')
    expect(end).toBe('3 of 4 were not taken.')
  })

  it('says what it is, where asked for help', async () => {
    const cli = runCli(['sourcemaps', 'upload', '--help'])
    expect(await cli.ended).toBe(0)
    expect(cli.out()).toMatch(/^Usage: justanalytics-collector sourcemaps upload FOLDER --release NAME/)
  })

  it('says where another server answers', async () => {
    const args = ['upload', join(project, 'dist'), '--release', 'r', '--url', `${collector.url}/v1/events`]
    await expect(runSourcemaps(args, { JUSTANALYTICS_API_KEY: KEY })).rejects.toThrow(
      `Expected a collector at ${collector.url}/v1/events that takes maps, got 404`,
    )
  })
})

describe('POST /api/v1/sourcemaps', () => {
  it('takes a map under the name of its built file, and no more of a path than its names', async () => {
    const { status, body } = await upload({
      release: 'r',
      file: '../../etc/./cron.d//x.js',
      map: { ...MAP, debugId: DEBUG_ID },
    })
    expect([status, body]).toEqual([201, { release: 'r', file: 'etc/cron.d/x.js', debug_id: DEBUG_ID }])
  })

  it.each<[string, unknown, number]>([
    ['nothing', null, 400],
    ['no release', { file: 'a.js', map: MAP }, 400],
    ['a path that is none', { release: 'r', file: '../..', map: MAP }, 400],
    ['a long path', { release: 'r', file: 'a'.repeat(501), map: MAP }, 400],
    ['no map', { release: 'r', file: 'a.js' }, 400],
    ['a map of another version', { release: 'r', file: 'a.js', map: { ...MAP, version: 2 } }, 400],
    [
      'sections that have sections',
      { release: 'r', file: 'a.js', map: { version: 3, sections: [{ map: { version: 3, sections: [] } }] } },
      400,
    ],
    ['sources that are none', { release: 'r', file: 'a.js', map: { ...MAP, sources: [1] } }, 400],
  ])('refuses %s', async (_, body, status) => {
    expect((await upload(body)).status).toBe(status)
  })

  it('refuses an unknown key', async () => {
    expect((await upload({ release: 'r', file: 'a.js', map: MAP }, 'unknown')).status).toBe(401)
  })

  it('refuses what is too large unpacked', async () => {
    const body = gzipSync(`{"release":"r","file":"${' '.repeat(25 * 1024 * 1024)}"}`)
    expect((await upload(body, KEY, { 'content-encoding': 'gzip' })).status).toBe(413)
  })

  it('takes a damaged map for none', async () => {
    const hostile = { ...MAP, mappings: '!!!!', sources: ['../x.ts'] }
    expect((await upload({ release: 'damaged', file: 'main.js', map: hostile })).status).toBe(201)
    const traceback = 'Error: m\n    at pay (/app/main.js:1:1)'
    const { frames } = await report(
      { exception_type: 'Error', exception_message: 'm', traceback },
      { release: 'damaged' },
    )
    expect(frames).toHaveLength(1)
  })
})
