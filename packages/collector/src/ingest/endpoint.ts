import type { HttpBindings } from '@hono/node-server'
import { type AnalyticsEvent, parseEvents } from '@justanalytics/core/event'
import type { Context, Handler } from 'hono'
import { Refusal } from '../errors.js'
import { isFault, readFault } from '../grouping/fault.js'
import type { SourceMaps } from '../sourcemaps/maps.js'
import { resolveFault } from '../sourcemaps/resolver.js'
import type { Row } from '../store/store.js'
import { readJson } from './body.js'
import type { Budget, Share } from './budget.js'
import type { Gatherer } from './gather.js'
import type { Keyring } from './keys.js'
import { toRow } from './row.js'

const MOST_EVENTS = 500

export type NodeContext = Context<{ Bindings: HttpBindings }>

/**
 * The site that the request's ingest key may write.
 * @throws {Refusal} 401
 */
export function siteOfRequest(c: NodeContext, keys: Keyring): string {
  const key = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1]
  const site = key === undefined ? undefined : keys.siteOf(key)
  if (site === undefined)
    throw new Refusal(401, 'Expected `Authorization: Bearer` with an API key that this collector knows.', {
      'WWW-Authenticate': 'Bearer',
    })
  return site
}

/** Reads a request's body as JSON and holds its bytes until `use` has done with it. */
export async function withJson<T>(
  c: NodeContext,
  share: Share,
  use: (input: unknown) => Promise<T>,
): Promise<T> {
  try {
    return await use(await readJson(c.env.incoming, share))
  } finally {
    share.release()
  }
}

async function toRows(
  events: readonly { event: AnalyticsEvent }[],
  received: number,
  maps: SourceMaps,
): Promise<Row[]> {
  const rows: Row[] = []
  for (const { event } of events) {
    const resolved = isFault(event) ? await resolveFault(maps, event, readFault(event)) : undefined
    rows.push(toRow(event, received, resolved))
  }
  return rows
}

/** `POST /v1/events`: 202 only after the events are durable. */
export function ingestEvents(
  keys: Keyring,
  budget: Budget,
  gatherer: Gatherer,
  maps: SourceMaps,
): Handler<{ Bindings: HttpBindings }> {
  return async function ingest(c) {
    const site = siteOfRequest(c, keys)
    return withJson(c, budget.open(site), async input => {
      if (typeof input !== 'object' || input === null)
        throw new Refusal(400, 'Expected one event or an array of events.')
      if (Array.isArray(input) && input.length > MOST_EVENTS)
        throw new Refusal(413, `Expected at most ${MOST_EVENTS} events, got ${input.length}.`)
      const received = new Date()
      const { events, rejected } = parseEvents(input, received)
      const foreign = events.find(({ event }) => event.site_id !== site)
      if (foreign) throw new Refusal(403, `This key may not write to the site of event ${foreign.index}.`)
      if (events.length > 0)
        await gatherer.add(await toRows(events, received.getTime(), maps)).catch(error => {
          throw new Refusal(
            503,
            'The store did not take the events.',
            { 'Retry-After': '5' },
            { cause: error },
          )
        })
      return c.json({ accepted: events.length, rejected }, 202)
    })
  }
}
