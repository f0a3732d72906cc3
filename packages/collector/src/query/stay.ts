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
  const requests = (told: string, condition: string) =>
    `SELECT cityHash64(site, who) AS someone, toUnixTimestamp64Milli(timestamp) AS at, ${told} FROM events
     WHERE ${IS_REQUEST} AND ${condition} AND ${IS_KNOWN} AND ${where}`
  return `SELECT made.call AS call, opened.page AS page, made.weight AS weight
    FROM (${requests(`${call} AS call, weight`, "NOT navigation AND (event = 'api_request' OR referrer != '')")}) AS made
    ASOF INNER JOIN (${requests(`${page} AS page`, 'navigation')}) AS opened
    ON made.someone = opened.someone AND made.at >= opened.at
    WHERE made.at - opened.at < ${LONGEST_STAY}`
}
