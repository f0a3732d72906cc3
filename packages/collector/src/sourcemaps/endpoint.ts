import type { HttpBindings } from '@hono/node-server'
import type { Handler } from 'hono'
import { Refusal } from '../errors.js'
import { readJson } from '../ingest/body.js'
import type { Budget } from '../ingest/budget.js'
import { siteOfRequest } from '../ingest/endpoint.js'
import type { Keyring } from '../ingest/keys.js'
import { moment } from '../store/schema.js'
import type { Store } from '../store/store.js'
import { LIMITS } from './limits.js'
import type { SourceMaps } from './maps.js'
import { segmentsOf } from './match.js'

const LONGEST_RELEASE = 200
const LONGEST_FILE = 500
const DEBUG_ID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i

interface Upload {
  release: string
  file: string
  debugId: string
  map: Json
}

function readText(value: unknown, name: string, longest: number): string {
  if (typeof value !== 'string' || value === '' || value.length > longest)
    throw new Refusal(400, `Expected \`${name}\` to be a string of 1 to ${longest} characters.`)
  return value.toWellFormed()
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(each => typeof each === 'string' || each === null)
}

type Json = Record<string, unknown>

function isFlatMap(value: unknown): boolean {
  const map = (typeof value === 'object' && value !== null ? value : {}) as Json
  const texts = [map.sources, map.sourcesContent ?? [], map.names ?? []]
  return map.version === 3 && typeof map.mappings === 'string' && texts.every(isTexts)
}

/** A map, or one of several in sections, which hold none in turn. */
function isMap(value: unknown): value is Json {
  const map = (typeof value === 'object' && value !== null ? value : {}) as Json
  if (!Array.isArray(map.sections)) return isFlatMap(map)
  return (
    map.version === 3 && map.sections.every((section: { map?: unknown } | null) => isFlatMap(section?.map))
  )
}

/** Only those with their text: the others tell nothing beyond their names. */
function sourcesOf(map: Json): string[] {
  const texts = Array.isArray(map.sourcesContent) ? map.sourcesContent : []
  const sources = Array.isArray(map.sources) ? map.sources : []
  return sources.flatMap((source: unknown, index) =>
    typeof source === 'string' && typeof texts[index] === 'string' ? [source.toWellFormed()] : [],
  )
}

function readUpload(input: unknown): Upload {
  const body = (typeof input === 'object' && input !== null ? input : {}) as Json
  if (!isMap(body.map)) throw new Refusal(400, 'Expected `map` to be a source map of version 3.')
  const { map } = body
  const debugId = map.debugId ?? map.debug_id
  return {
    release: readText(body.release, 'release', LONGEST_RELEASE),
    // It is a name in a table and never one of a file here; what leads up or out has no meaning in it.
    file: readText(segmentsOf(readText(body.file, 'file', LONGEST_FILE)).join('/'), 'file', LONGEST_FILE),
    debugId: typeof debugId === 'string' && DEBUG_ID.test(debugId) ? debugId.toLowerCase() : '',
    map,
  }
}

/** `POST /api/v1/sourcemaps`: one map of one built file, with the site's ingest key. */
export function ingestSourceMap(
  keys: Keyring,
  budget: Budget,
  store: Store,
  maps: SourceMaps,
): Handler<{ Bindings: HttpBindings }> {
  return async function upload(c) {
    const site = siteOfRequest(c, keys)
    // A share of their own: uploading maps must not hold up a site's events.
    const share = budget.open(`maps ${site}`)
    try {
      const { release, file, debugId, map } = readUpload(await readJson(c.env.incoming, share, LIMITS))
      const text = JSON.stringify(map)
      const row = {
        site,
        release,
        file,
        debug_id: debugId,
        received_at: moment(Date.now()),
        sources: sourcesOf(map),
        bytes: text.length,
        map: text,
      }
      await store.insert('maps', [JSON.stringify(row)]).catch(error => {
        throw new Refusal(503, 'The store did not take the map.', { 'Retry-After': '5' }, { cause: error })
      })
      maps.forget()
      return c.json({ release, file, debug_id: debugId === '' ? null : debugId }, 201)
    } finally {
      share.release()
    }
  }
}
