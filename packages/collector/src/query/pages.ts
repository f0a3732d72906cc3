import type { Store } from '../store/store.js'
import { type Completeness, completeness } from './completeness.js'
import { ENDED_BADLY } from './failure.js'
import { readFilters } from './filters.js'
import { type Condition, expected, inWindow, readLimit, readWindow, type Search } from './parameters.js'
import { IS_KNOWN, IS_REQUEST, VISITOR } from './stored.js'

export interface PageFigures {
  /** Times that people opened it. */
  pageviews: number
  visitors: number
}

export interface Page extends PageFigures {
  /** Its route, or the path where it has none. */
  page: string
  /** Openings that ended in 5xx or a broken stream. */
  failures: number
  /** Openings that came from elsewhere: with them a visit began. */
  entries: number
}

export interface PageList extends Completeness {
  /** The most opened first. */
  items: Page[]
  /** Where the list goes on, to be given as `cursor`; absent at its end. */
  next?: string
  /** `bots`: requests of programs that say they are; they are in no other figure. */
  totals: PageFigures & { bots: number }
  /** Other hosts that people came from, `''` for none told. */
  referrers: (PageFigures & { referrer: string })[]
  browsers: (PageFigures & { browser: string })[]
  /** ISO 3166-1 codes, as a proxy before the application told them; openings it told none of are in no entry. */
  countries: (PageFigures & { country: string })[]
  /** What links said of themselves (`utm_*`). */
  sources: (PageFigures & { source: string; medium: string | null; campaign: string | null })[]
  bots: { name: string; requests: number }[]
}

/** Entries of the lists beside the pages. */
const MOST_BESIDE = 20
const MOST_REFERRERS = 1000

const SAYS_SO = '(?i)[a-z0-9_.-]*(?:bot|crawler|spider)[a-z0-9_-]*'
const PAGE = "if(route != '', route, path)"
/** What a program calls itself: the word that says so, else its product. */
const BOT = `if(match(user_agent, '${SAYS_SO}'), extract(user_agent, '${SAYS_SO}'), extract(user_agent, '^[^/ ]+'))`
const FIGURES = `sum(weight) AS pageviews,
  uniqExactIf(${VISITOR}, ${IS_KNOWN}) AS visitors`

/** Which pages did people open, and where did they come from? */
export async function pages(store: Store, search: Search, now: number): Promise<PageList> {
  const limit = readLimit(search)
  const offset = readPlace(search)
  const window = readWindow(search, now)
  const within = inWindow(window)
  const filters = readFilters(search, 'request', window)
  const requests: Condition = {
    sql: `${IS_REQUEST} AND ${within.sql} AND ${filters.sql}`,
    parameters: { ...within.parameters, ...filters.parameters },
  }
  const openings: Condition = {
    sql: `event = 'pageview' AND navigation AND NOT bot AND ${within.sql} AND ${filters.sql}`,
    parameters: requests.parameters,
  }
  const referrers = await readReferrers(store, openings)
  const own = referrers.filter(isOwn).map(({ from_host }) => from_host)
  const [found, sides, bots, certainty] = await Promise.all([
    store.query<Page>(
      `SELECT ${PAGE} AS page, ${FIGURES}, sumIf(weight, ${ENDED_BADLY}) AS failures,
         sumIf(weight, domain(referrer) NOT IN {own:Array(String)}) AS entries
       FROM events WHERE ${openings.sql} GROUP BY page
       ORDER BY pageviews DESC, page LIMIT ${limit + 1} OFFSET ${offset}`,
      { ...openings.parameters, own },
    ),
    readSides(store, openings),
    store.query<{ name: string; requests: number; total: number }>(
      `SELECT ${BOT} AS name, sum(weight) AS requests, sum(requests) OVER () AS total
       FROM events WHERE bot AND ${requests.sql} GROUP BY name
       ORDER BY requests DESC, name LIMIT ${MOST_BESIDE}`,
      requests.parameters,
    ),
    completeness(store, search, window, now),
  ])
  return {
    items: found.slice(0, limit).map(({ page, failures, entries, ...figures }) => ({
      page,
      ...wholeOf(figures),
      failures: Math.round(failures),
      entries: Math.round(entries),
    })),
    ...(found.length > limit ? { next: formatPlace(offset + limit) } : {}),
    totals: {
      ...wholeOf(sides.all ?? { pageviews: 0, visitors: 0 }),
      bots: Math.round(bots[0]?.total ?? 0),
    },
    referrers: referrers
      .filter(referrer => !isOwn(referrer))
      .slice(0, MOST_BESIDE)
      .map(({ from_host, ...figures }) => ({ referrer: from_host, ...wholeOf(figures) })),
    browsers: sides.browsers.map(({ browser, ...figures }) => ({ browser, ...wholeOf(figures) })),
    countries: sides.countries.map(({ country, ...figures }) => ({ country, ...wholeOf(figures) })),
    sources: sides.sources.map(({ source, medium, campaign, ...figures }) => ({
      source,
      medium: medium || null,
      campaign: campaign || null,
      ...wholeOf(figures),
    })),
    bots: bots.map(({ name, requests }) => ({ name, requests: Math.round(requests) })),
    ...certainty,
  }
}

interface Side extends PageFigures {
  side: 'all' | 'browser' | 'country' | 'source'
  browser: string
  country: string
  source: string
  medium: string
  campaign: string
}

interface Sides {
  all: PageFigures | undefined
  browsers: Side[]
  countries: Side[]
  sources: Side[]
}

/** All openings together, by browser, by country and by source: read once. */
async function readSides(store: Store, openings: Condition): Promise<Sides> {
  const rows = await store.query<Side>(
    `SELECT multiIf(NOT grouping(browser), 'browser', NOT grouping(country), 'country',
         NOT grouping(utm_source), 'source', 'all') AS side,
       browser, country, utm_source AS source, utm_medium AS medium, utm_campaign AS campaign, ${FIGURES}
     FROM events WHERE ${openings.sql}
     GROUP BY GROUPING SETS ((), (browser), (country), (utm_source, utm_medium, utm_campaign))
     HAVING (side != 'source' OR source != '') AND (side != 'country' OR country != '')
     ORDER BY pageviews DESC, browser, country, source, medium, campaign LIMIT ${MOST_BESIDE} BY side`,
    openings.parameters,
  )
  const of = (name: Side['side']) => rows.filter(({ side }) => side === name)
  return {
    all: of('all')[0],
    browsers: of('browser'),
    countries: of('country'),
    sources: of('source'),
  }
}

interface Referrer extends PageFigures {
  from_host: string
  /** Openings that came from a page below its root, and of these, from a page that is one of this site's. */
  deep: number
  known: number
}

function readReferrers(store: Store, openings: Condition): Promise<Referrer[]> {
  const deep = "path(referrer) NOT IN ('', '/')"
  return store.query<Referrer>(
    `SELECT domain(referrer) AS from_host, ${FIGURES}, sumIf(weight, ${deep}) AS deep,
       sumIf(weight, ${deep} AND cityHash64(path(referrer)) IN (
         SELECT cityHash64(path) FROM events WHERE ${openings.sql}
       )) AS known
     FROM events WHERE ${openings.sql} GROUP BY from_host
     ORDER BY pageviews DESC, from_host LIMIT ${MOST_REFERRERS}`,
    openings.parameters,
  )
}

/** No event says by which name a site was reached: the host most of whose pages are this site's is its own. */
function isOwn({ from_host, deep, known }: Referrer): boolean {
  return from_host !== '' && deep > 0 && known >= deep / 2
}

/** Weights may be fractions. */
function wholeOf({ pageviews, visitors }: PageFigures): PageFigures {
  return { pageviews: Math.round(pageviews), visitors }
}

function readPlace(search: Search): number {
  const cursor = search('cursor')
  if (cursor === undefined) return 0
  const text = Buffer.from(cursor, 'base64url').toString()
  if (!/^\d{1,9}$/.test(text)) throw expected('cursor', 'the `next` of an answer', cursor)
  return Number(text)
}

function formatPlace(offset: number): string {
  return Buffer.from(String(offset)).toString('base64url')
}
