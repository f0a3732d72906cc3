import type { Store } from '../../store/store.js'
import type { Count } from '../arithmetic/usual.js'
import type { Condition } from '../parameters.js'
import { IS_KNOWN, NOBODY, WHO } from '../stored.js'

/** What a release did in a flow. */
export interface Served extends Count {
  site: string
  environment: string
  release: string
}

/** Requests of one flow in one time. */
export interface Counts extends Count {
  users: number
  /** Whom it failed most. */
  worst: { who: string; failures: number } | undefined
  /** Failures of programs that say they are bots. */
  bots: number
  /** Failures answered with 502, 503 or 504. */
  gateway: number
  /** What each release did, also where one alone is asked for. */
  served: Served[]
}

type Row = Record<'known' | 'most', number> & {
  worst: string
  releases: (Served & Record<'bots' | 'gateway', number>)[]
}

const RELEASE =
  'Tuple(site String, environment String, release String, requests Float64, failures Float64, bots Float64, gateway Float64)'

/**
 * By user and by release in one reading.
 * @param where which requests, of whatever release
 * @param release that is asked for alone, if one is
 */
export async function readCounts(
  store: Store,
  where: Condition,
  failed: string,
  release: string | undefined,
): Promise<Counts> {
  const asked = release === undefined ? '' : ' AND events.release = {release:String}'
  // Those whom nothing failed are one of the rows that are added up: there may be many of them.
  const [row] = await store.query<Row>(
    `SELECT countIf(of_who AND ${IS_KNOWN}) AS known, maxIf(hits, of_who AND ${IS_KNOWN}) AS most,
       toString(argMinIf(who, (-hits, who), of_who AND ${IS_KNOWN})) AS worst,
       groupArrayIf(CAST((site, environment, release, all, hits, by_bots, behind), '${RELEASE}'), NOT of_who) AS releases
     FROM (
       SELECT if(${failed}${asked}, events.who, ${NOBODY}) AS who, site, environment, release, grouping(site) AS of_who,
         sum(weight) AS all, sumIf(weight, ${failed}) AS hits,
         countIf(bot AND ${failed}) AS by_bots, countIf(status IN (502, 503, 504)) AS behind
       FROM events WHERE ${where.sql} GROUP BY GROUPING SETS ((who), (site, environment, release))
     )`,
    { ...where.parameters, ...(release !== undefined && { release }) },
  )
  const releases = row?.releases ?? []
  const own = releases.filter(served => release === undefined || served.release === release)
  const sum = (name: 'requests' | 'failures' | 'bots' | 'gateway') =>
    own.reduce((sum, served) => sum + Number(served[name]), 0)
  const users = Number(row?.known ?? 0)
  return {
    requests: Math.round(sum('requests')),
    failures: Math.round(sum('failures')),
    users,
    worst: row && users > 0 ? { who: row.worst, failures: Number(row.most) } : undefined,
    bots: sum('bots'),
    gateway: sum('gateway'),
    served: releases.map(({ site, environment, release, requests, failures }) => ({
      site,
      environment,
      release,
      requests: Number(requests),
      failures: Number(failures),
    })),
  }
}

/** The name behind a number: texts are long to read, and one of them is shown. */
export async function readName(store: Store, where: Condition, who: string): Promise<string> {
  const [row] = await store.query<{ name: string }>(
    `SELECT ${WHO} AS name FROM events WHERE ${where.sql} AND who = toUInt64({worst:String}) LIMIT 1`,
    { ...where.parameters, worst: who },
  )
  return row?.name ?? ''
}
