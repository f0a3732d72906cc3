import { statSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { CollectorError } from '../errors.js'
import { type FoundMap, listMaps, readMap } from './folder.js'
import { LIMITS } from './limits.js'

const DEFAULT_URL = 'http://127.0.0.1:4100'
const USAGE = 'sourcemaps upload FOLDER --release NAME [--url ADDRESS] [--key KEY]'
const HELP = `Usage: justanalytics-collector ${USAGE}

Sends the source maps of a build (each *.js.map in FOLDER, those of packages left out) to a collector, so
that the errors of this release are led back to their sources. Do it before the release serves.

  --release NAME      as the application's events bear it (JUSTANALYTICS_RELEASE)
  --url ADDRESS       the collector (${DEFAULT_URL}; JUSTANALYTICS_COLLECTOR_URL)
  --key KEY           an API key of the site (JUSTANALYTICS_API_KEY)
  --help

Exits with 0 where all maps were taken, else with 1; a map that is refused does not hold up the others.`
const TRIES = 5
const PAUSE_MS = 1000

const pack = promisify(gzip)

interface Order {
  folder: string
  release: string
  url: string
  key: string
}

/** One map that is not taken; the others may be. */
class RefusedMap extends Error {}

/** `undefined`: what is asked for is help. */
function readOrder(args: readonly string[], environment: NodeJS.ProcessEnv): Order | undefined {
  const { values, positionals } = parse(args)
  if (values.help) return undefined
  const [verb, folder, ...rest] = positionals
  if (verb !== 'upload' || folder === undefined || rest.length > 0)
    throw new CollectorError(
      `Expected \`${USAGE}\`, got \`${['sourcemaps', ...positionals].join(' ')}\` (see --help).`,
    )
  const release = values.release || environment.JUSTANALYTICS_RELEASE
  if (!release) throw new CollectorError('Expected `--release`, as the events of this build bear it.')
  const key = values.key || environment.JUSTANALYTICS_API_KEY || environment.JUSTANALYTICS_COLLECTOR_KEY
  if (!key) throw new CollectorError("Expected `--key`, the site's API key (or JUSTANALYTICS_API_KEY).")
  const url = values.url || environment.JUSTANALYTICS_COLLECTOR_URL || DEFAULT_URL
  if (!/^https?:\/\/\S+$/.test(url) || !URL.canParse(url))
    throw new CollectorError(`Expected \`url\` to be the collector's address, got ${JSON.stringify(url)}.`)
  const { username, password } = new URL(url)
  if (username !== '' || password !== '')
    throw new CollectorError(
      'Expected `url` without a user name and a password: a collector knows by the key who asks.',
    )
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new CollectorError(`Expected ${JSON.stringify(folder)} to be a folder with source maps.`)
  return { folder: resolve(folder), release, url: url.replace(/\/$/, ''), key }
}

function parse(args: readonly string[]): {
  values: { release?: string; url?: string; key?: string; help?: boolean }
  positionals: string[]
} {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args: [...args],
      options: { release: text, url: text, key: text, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    })
  } catch (error) {
    throw new CollectorError(`${(error as Error).message.split(/\.\s|\n/)[0]} (see --help).`)
  }
}

/** Those that the collector asks to come again later come again. */
async function post({ url, key }: Order, body: Uint8Array): Promise<void> {
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
        `The collector at ${url} is not reached (${((error.cause as Error)?.message ?? error.message).trim()}).`,
      )
    })
    if (answer.ok) return
    const { error = 'no reason given' } = (await answer.json().catch(() => ({}))) as { error?: string }
    const { status } = answer
    if (status === 400 || status === 413) throw new RefusedMap(`refused with ${status}: ${error}`)
    if (status === 401 || status === 403)
      throw new CollectorError(`The collector at ${url} does not take this key (${status}): ${error}`)
    const isBusy = status === 429 || status === 503
    if (!isBusy || tries === TRIES)
      throw new CollectorError(`Expected a collector at ${url} that takes maps, got ${status}: ${error}`)
    await setTimeout(PAUSE_MS * tries)
  }
}

function checkSize(bytes: number, most: number, how: string): void {
  if (bytes <= most) return
  const inMiB = (count: number) => `${(count / 1024 / 1024).toFixed(1)} MiB`
  throw new RefusedMap(`too large: ${inMiB(bytes)} ${how}, ${inMiB(most)} at most`)
}

/** @returns what is shown of the map */
async function upload(path: string, order: Order): Promise<string> {
  const { file, map } = read(path, order.folder)
  const text = JSON.stringify({ release: order.release, file, map })
  checkSize(Buffer.byteLength(text), LIMITS.unpacked, 'unpacked')
  const body = await pack(text)
  checkSize(body.length, LIMITS.wire, 'packed')
  await post(order, body)
  return map.debugId === undefined ? file : `${file}  ${map.debugId}`
}

function read(path: string, folder: string): FoundMap {
  try {
    return readMap(path, folder, process.cwd())
  } catch (error) {
    throw new RefusedMap(`no source map (${(error as Error).message})`)
  }
}

/**
 * `sourcemaps upload`: every map in a folder, under the name of its built file.
 * @throws {CollectorError} where a map was not taken; those that could be, were
 */
export async function runSourcemaps(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const order = readOrder(args, environment)
  if (!order) return console.log(HELP)
  const paths = listMaps(order.folder)
  if (paths.length === 0)
    throw new CollectorError(
      `There is no source map (\`*.js.map\`) in ${order.folder}: build with source maps in files of their own first.`,
    )
  let refused = 0
  for (const [index, path] of paths.entries()) {
    const place = `${index + 1}/${paths.length}`
    try {
      console.log(`${place}  ${await upload(path, order)}`)
    } catch (error) {
      if (!(error instanceof RefusedMap)) throw error
      refused++
      console.error(`${place}  ${relative(order.folder, path)}: ${error.message}`)
    }
  }
  const uploaded = paths.length - refused
  console.log(`Uploaded ${uploaded} source ${uploaded === 1 ? 'map' : 'maps'} of release ${order.release}.`)
  if (refused > 0) throw new CollectorError(`${refused} of ${paths.length} were not taken.`)
}
