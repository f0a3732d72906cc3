import { IS_KNOWN, IS_REQUEST } from './stored.js'

/** A call belongs to the page that its caller opened last, if that is not longer ago, milliseconds. */
export const LONGEST_STAY = 1_800_000

/**
 * Calls, each with the page that it was made from: `call`, `page` and `weight`. No event names its page: it is the one
 * that the same user or visitor opened last.
 * @param call what is told of a call, an expression on its event; so is `page`. Numbers are faster than texts
 * @param where which requests are looked at, pages and calls alike
 */
export function callsFromPages({ call, page, where }: { call: string; page: string; where: string }): string {
  return `SELECT call, opener AS page, weight FROM (
    SELECT call, weight, navigation, at,
      anyLastIf(page, navigation) OVER stay AS opener, anyLastIf(at, navigation) OVER stay AS opened
    FROM (
      SELECT cityHash64(site, who) AS someone, ${call} AS call, ${page} AS page, navigation,
        toUnixTimestamp64Milli(timestamp) AS at, weight
      FROM events
      WHERE ${IS_REQUEST} AND (navigation OR event = 'api_request' OR referrer != '') AND ${IS_KNOWN} AND ${where}
    )
    WINDOW stay AS (
      PARTITION BY someone ORDER BY at, navigation DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
  ) WHERE NOT navigation AND opened > 0 AND at - opened < ${LONGEST_STAY}`
}

/** Who opened a page: conditions for {@link callsFromPages}, so that it looks at these alone. */
export function ofCallersWho(opened: string): string {
  return `(site, who) IN (SELECT site, who FROM events WHERE event = 'pageview' AND navigation AND ${opened})`
}
