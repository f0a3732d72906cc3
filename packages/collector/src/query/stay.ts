import { IS_KNOWN, IS_REQUEST } from './stored.js'

/** A call belongs to the page that its caller opened last, if that is not longer ago, milliseconds. */
export const LONGEST_STAY = 1_800_000

/**
 * Calls, each with the page that it was made from: `site`, `request_id`, `flow`, `weight`, `page` (its flow) and
 * `page_route`. No event names its page: it is the one that the same user or visitor opened last.
 * @param where which requests are looked at, pages and calls alike
 */
export function callsFromPages(where: string): string {
  return `SELECT site, request_id, flow, weight, opener.1 AS page, opener.2 AS page_route FROM (
    SELECT site, request_id, flow, weight, navigation, at,
      argMaxIf((flow, route), at, navigation) OVER stay AS opener, maxIf(at, navigation) OVER stay AS opened
    FROM (
      SELECT site, request_id, who, concat(method, ' ', route) AS flow, toString(route) AS route, navigation,
        toUnixTimestamp64Milli(timestamp) AS at, weight
      FROM events
      WHERE ${IS_REQUEST} AND (navigation OR event = 'api_request' OR referrer != '') AND ${IS_KNOWN} AND ${where}
    )
    WINDOW stay AS (
      PARTITION BY site, who ORDER BY at, navigation DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
  ) WHERE NOT navigation AND opened > 0 AND at - opened < ${LONGEST_STAY}`
}

/** Who opened a page: conditions for {@link callsFromPages}, so that it looks at these alone. */
export function ofCallersWho(opened: string): string {
  return `(site, who) IN (SELECT site, who FROM events WHERE event = 'pageview' AND navigation AND ${opened})`
}
