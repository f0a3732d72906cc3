import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { CollectorError } from '../errors.js'
import { listMaps, readMap } from './folder.js'

const USAGE = 'sourcemaps upload FOLDER --release NAME [--url ADDRESS] [--key KEY]'
const DEFAULT_URL = 'http://127.0.0.1:4100'
const TRIES = 5
const PAUSE_MS = 1000

const pack = promisify(gzip)

interface Order {
  folder: string
  release: string
  url: string
  key: string
}

function readOrder(args: readonly string[], environment: NodeJS.ProcessEnv): Order {
  const { values, positionals } = parse(args)
  const [verb, folder, ...rest] = positionals
  if (verb !== 'upload' || folder === undefined || rest.length > 0)
    throw new CollectorError(`Expected \`${USAGE}\`, got \`sourcemaps ${positionals.join(' ')}\`.`)
  const release = values.release ?? environment.JUSTANALYTICS_RELEASE
  if (!release) throw new CollectorError('Expected `--release`, as the events of this build bear it.')
  const key = values.key ?? environment.JUSTANALYTICS_API_KEY ?? environment.JUSTANALYTICS_COLLECTOR_KEY
  if (!key) throw new CollectorError("Expected `--key`, the site's API key (or JUSTANALYTICS_API_KEY).")
  const url = values.url ?? environment.JUSTANALYTICS_COLLECTOR_URL ?? DEFAULT_URL
  if (!/^https?:\/\/\S+$/.test(url) || !URL.canParse(url))
    throw new CollectorError(`Expected \`url\` to be the collector's address, got ${JSON.stringify(url)}.`)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new CollectorError(`Expected ${JSON.stringify(folder)} to be a folder with source maps.`)
  return { folder: resolve(folder), release, url: url.replace(/\/$/, ''), key }
}

function parse(args: readonly string[]): {
  values: { release?: string; url?: string; key?: string }
  positionals: string[]
} {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args: [...args],
      options: { release: text, url: text, key: text },
      allowPositionals: true,
    })
  } catch (error) {
    throw new CollectorError(`${(error as Error).message.split(/\.\s|\n/)[0]} (see --help).`)
  }
}

/** Those that the collector asks to come again later come again. */
async function post({ url, key }: Order, body: Buffer, name: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    const answer = await fetch(`${url}/api/v1/sourcemaps`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      },
      body: new Uint8Array(body),
    }).catch((error: Error) => {
      throw new CollectorError(
        `The collector at ${url} is not reached (${(error.cause as Error)?.message ?? error.message}).`,
      )
    })
    if (answer.ok) return
    const { error } = (await answer.json().catch(() => ({}))) as { error?: string }
    const isBusy = answer.status === 429 || answer.status === 503
    if (!isBusy || tries === TRIES)
      throw new CollectorError(`${name} was refused with ${answer.status}: ${error ?? 'no reason given'}`)
    await setTimeout(PAUSE_MS * tries)
  }
}

/**
 * `sourcemaps upload`: every map in a folder, under the name of its built file.
 * @throws {CollectorError}
 */
export async function runSourcemaps(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const order = readOrder(args, environment)
  const paths = listMaps(order.folder)
  if (paths.length === 0)
    throw new CollectorError(
      `There is no source map (\`*.js.map\`) in ${order.folder}: build with source maps first.`,
    )
  for (const path of paths) {
    const found = read(path, order.folder)
    const body = await pack(JSON.stringify({ release: order.release, ...found }))
    await post(order, body, found.file)
    console.log(`${found.file}${found.map.debugId === undefined ? '' : `  ${found.map.debugId}`}`)
  }
  console.log(
    `Uploaded ${paths.length} source ${paths.length === 1 ? 'map' : 'maps'} of release ${order.release}.`,
  )
}

function read(path: string, folder: string) {
  try {
    return readMap(path, folder, process.cwd())
  } catch (error) {
    throw new CollectorError(`${path} is no source map (${(error as Error).message}).`)
  }
}
