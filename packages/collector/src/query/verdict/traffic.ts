import { BY_PROJECTION, moment } from '../../store/schema.js'
import type { Store } from '../../store/store.js'
import { findSurge, type Surge } from '../arithmetic/surge.js'
import { ANSWERED_4XX, ENDED_BADLY } from '../failure.js'
import { readFilters } from '../filters.js'
import type { Search, Window } from '../parameters.js'
import { IS_REQUEST } from '../stored.js'
import { ofThePast } from '../tracks.js'

const DAY = 86_400_000
const SLOT = 300_000
const PARTS = 24
const LONGEST = 2 * 3_600_000
const WIDTHS = [SLOT, 2 * SLOT, 3 * SLOT, 6 * SLOT, 12 * SLOT]

/**
 * Were there many more requests than in the same hours of the 7 days before? Requests for what no route serves
 * are left out: a scan for missing pages is not traffic.
 */
export async function readSurge(
  store: Store,
  search: Search,
  { from, to }: Window,
): Promise<Surge | undefined> {
  const end = Math.floor(from / SLOT) * SLOT
  const begin = end - 7 * DAY
  // A part of a day, and a whole number of them in it.
  const width = WIDTHS.find(width => (to - end) / width <= PARTS) ?? LONGEST
  const filters = readFilters(ofThePast(search), 'request', { from: begin, to })
  const release = search('release')
  const second = 'toUnixTimestamp(slot)'
  const rows = await store.query<{ day: number; part: number; requests: number; since: number }>(
    `SELECT intDiv(${second} - {begin:Int64}, ${DAY / 1000}) AS day,
       intDiv((${second} - {begin:Int64}) % ${DAY / 1000}, {width:Int64}) AS part,
       sum(all) - sumIf(missed, route = '') AS requests, min(toUnixTimestamp(slot)) AS since
     FROM (
       SELECT toStartOfFiveMinutes(timestamp) AS slot, route, sum(weight) AS all,
         sumIf(weight, ${ANSWERED_4XX} AND NOT ${ENDED_BADLY}) AS missed
       FROM events WHERE ${IS_REQUEST} AND ${filters.sql}
         ${release === undefined ? '' : 'AND (release = {release:String} OR toStartOfFiveMinutes(timestamp) < toDateTime({window_from:UInt32}))'}
         AND toStartOfFiveMinutes(timestamp) >= toDateTime({slots_from:DateTime64(3, 'UTC')})
         AND toStartOfFiveMinutes(timestamp) < toDateTime({slots_to:DateTime64(3, 'UTC')})
       GROUP BY slot, route
     )
     GROUP BY day, part ${BY_PROJECTION}`,
    {
      ...filters.parameters,
      ...(release !== undefined && { release, window_from: end / 1000 }),
      begin: begin / 1000,
      width: width / 1000,
      slots_from: moment(Math.max(0, begin)),
      slots_to: moment(Math.ceil(to / SLOT) * SLOT),
    },
  )
  const counts = new Map(rows.map(({ day, part, requests }) => [`${day}/${part}`, Number(requests)]))
  const past = [...new Set(rows.map(({ day }) => Number(day)))].filter(day => day < 7)
  if (past.length === 0) return undefined
  const first = Math.min(...rows.map(({ since }) => Number(since))) * 1000
  const cells = Array.from({ length: Math.ceil((to - end) / width) }, (_, i) => {
    const part = Math.floor(((i * width) % DAY) / width)
    // Of what was before the first request nothing is known: it is not that there was none.
    const known = past.filter(day => begin + day * DAY + part * width >= first)
    const sum = known.reduce((sum, day) => sum + (counts.get(`${day}/${part}`) ?? 0), 0)
    const day = 7 + Math.floor((i * width) / DAY)
    return {
      at: end + i * width,
      requests: counts.get(`${day}/${part}`) ?? 0,
      usual: known.length > 0 ? sum / known.length : undefined,
    }
  })
  return findSurge(cells, width)
}
