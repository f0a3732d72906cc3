import { moment } from '../../store/schema.js'
import type { Store } from '../../store/store.js'
import { byWeight, findTroubles, type Trouble } from '../arithmetic/trouble.js'
import type { Count, Usual } from '../arithmetic/usual.js'
import { IS_ATTEMPT } from '../attempts.js'
import { readFilters } from '../filters.js'
import { readHistory } from '../groups.js'
import { type Condition, IN_WINDOW, type Search, since, type Window } from '../parameters.js'
import { IS_KNOWN } from '../stored.js'
import { splitJob, type Track, type Tracks } from '../tracks.js'

/** Jobs of one name that fail for good more often than usual. */
export interface JobTrouble extends Count {
  job: string
  queue: string | null
  onset: number
  recovered: number | undefined
  users: number
  usual: Usual
  error:
    | {
        id: string
        title: string
        exception_type: string
        culprit: string
        firstSeen: number
        firstRelease: string
        share: number
      }
    | undefined
}

/** What a flow's requests enqueued, and how that ended. */
export interface CausedJobs {
  job: string
  queue: string | null
  attempts: number
  failures: number
}

/** The worst of the jobs' troubles. */
export async function readJobTrouble(
  store: Store,
  search: Search,
  window: Window,
  tracks: Tracks,
  groupOf: string,
): Promise<JobTrouble | undefined> {
  const [worst] = tracks.items
    .flatMap(track =>
      findTroubles(track.buckets, track.usual, tracks.items.length).map(trouble => ({ track, trouble })),
    )
    .sort((a, b) => byWeight(a.trouble, b.trouble))
  return worst && look(store, search, window, tracks, groupOf, worst.track, worst.trouble)
}

async function look(
  store: Store,
  search: Search,
  window: Window,
  { grid, step }: Tracks,
  groupOf: string,
  track: Track,
  trouble: Trouble,
): Promise<JobTrouble> {
  const { job, queue } = splitJob(track.name)
  const from = Math.max(window.from, grid[trouble.first] ?? window.from)
  const to = trouble.recovered ? Math.min(window.to, (grid[trouble.last] ?? 0) + step) : window.to
  const filters = readFilters(search, 'attempt', window)
  const own = `task_name = {on_job:String} AND queue = {on_queue:String} AND ${filters.sql} AND ${IN_WINDOW}`
  const failed = `event = 'task_failed' AND final AND ${own}`
  const parameters = {
    ...filters.parameters,
    on_job: job,
    on_queue: queue ?? '',
    from: moment(from),
    to: moment(to),
  }
  const [[found], [top]] = await Promise.all([
    store.query<{ failures: number; first: number; last: number; users: number }>(
      `SELECT count() AS failures, toInt64(toUnixTimestamp64Milli(min(timestamp))) AS first, toInt64(toUnixTimestamp64Milli(max(timestamp))) AS last,
         uniqExactIf(who, ${IS_KNOWN}) AS users
       FROM events WHERE ${failed}`,
      parameters,
    ),
    store.query<{ id: string; hits: number }>(
      `SELECT ${groupOf} AS id, count() AS hits FROM events WHERE ${failed} GROUP BY id ORDER BY hits DESC, id LIMIT 1`,
      parameters,
    ),
  ])
  const id = top?.id ?? ''
  const onset = Number(found?.first) || from
  const recovered = trouble.recovered ? Number(found?.last ?? to) + 1 : undefined
  const failures = Number(found?.failures ?? 0)
  // A bucket begins before its first failure: what went well until then is not of the trouble.
  const [history, [done]] = await Promise.all([
    readHistory(store, id === '' ? [] : [id], groupOf),
    store.query<{ jobs: number }>(
      `SELECT count() AS jobs FROM events WHERE event = 'task_completed' AND ${own}`,
      { ...parameters, from: moment(onset), to: moment(recovered ?? to) },
    ),
  ])
  const known = history.get(id)
  return {
    job,
    queue,
    onset,
    recovered,
    requests: failures + Number(done?.jobs ?? 0),
    failures,
    users: Number(found?.users ?? 0),
    usual: track.usual,
    error: known && {
      id,
      title: known.said,
      exception_type: known.type,
      culprit: known.place,
      firstSeen: Date.parse(`${known.first.replace(' ', 'T')}Z`),
      firstRelease: known.first_in,
      share: Number(top?.hits ?? 0) / Math.max(1, failures),
    },
  }
}

const MOST_GATHERED = 50_000

/**
 * What requests enqueued, the most failures first.
 * @param where the requests, in a window that is bound as `from`
 * @param requests how many there are, more or less
 * @param to until when attempts are looked at
 */
export async function readCaused(
  store: Store,
  where: Condition,
  requests: number,
  to: number,
): Promise<CausedJobs[]> {
  const attempts = `${IS_ATTEMPT} AND request_id != '' AND ${since('from')}
    AND timestamp < {until:DateTime64(3, 'UTC')}`
  // Of many requests those alone are gathered that attempts name.
  const named =
    requests > MOST_GATHERED
      ? `AND (site, request_id) IN (SELECT site, request_id FROM events WHERE ${attempts})`
      : ''
  const rows = await store.query<{ job: string; queue: string; attempts: number; failures: number }>(
    `SELECT task_name AS job, queue, countIf(event = 'task_completed' OR final) AS attempts, countIf(final) AS failures
     FROM events
     WHERE ${attempts} AND (site, request_id) IN (
       SELECT site, request_id FROM events WHERE ${where.sql} ${named})
     GROUP BY job, queue HAVING attempts > 0 ORDER BY failures DESC, attempts DESC, job LIMIT 10`,
    { ...where.parameters, until: moment(to) },
  )
  return rows.map(({ job, queue, attempts, failures }) => ({
    job,
    queue: queue || null,
    attempts: Number(attempts),
    failures: Number(failures),
  }))
}
