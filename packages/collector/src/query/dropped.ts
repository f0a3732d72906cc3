import { moment } from '../store/schema.js'
import type { Store } from '../store/store.js'
import { readFilters, type Search, type Window } from './parameters.js'

/** Left out on purpose, and stood for by weights and counts: nothing is missing from the figures. */
const ON_PURPOSE = ['sampled', 'repeated', 'before_send'] as const

/** How many events of this window did the clients lose? Told by their reports that overlap it. */
export async function dropped(store: Store, search: Search, window: Window): Promise<number> {
  const filters = readFilters(search, ['site', 'env'])
  const [row] = await store.query<{ dropped: number }>(
    `SELECT sum(arraySum(
        (reason, count) -> if(reason IN {on_purpose:Array(String)}, 0, count), mapKeys(counts), mapValues(counts)
      )) AS dropped
     FROM (
       SELECT JSONExtract(raw, 'properties', 'dropped', 'Map(String, UInt64)') AS counts,
         parseDateTime64BestEffortOrZero(JSONExtractString(raw, 'properties', 'since'), 3, 'UTC') AS since,
         parseDateTime64BestEffortOrZero(JSONExtractString(raw, 'properties', 'until'), 3, 'UTC') AS until
       FROM events
       WHERE event = 'client_report' AND ${filters.sql}
     )
     WHERE since < {to:DateTime64(3, 'UTC')} AND until >= {from:DateTime64(3, 'UTC')}`,
    { ...filters.parameters, from: moment(window.from), to: moment(window.to), on_purpose: ON_PURPOSE },
  )
  return Number(row?.dropped ?? 0)
}
