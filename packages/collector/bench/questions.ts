/**
 * `pnpm --filter @justanalytics/collector bench [--events 1000000] [--days 7] [--rounds 7] [--keep FOLDER]`: makes a day
 * of events and the days before it, the same on every run, asks every question about the day, and prints how long
 * each took beside its budget. Exits with 1 where a median misses it.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compare } from '../src/query/compare.js'
import { events } from '../src/query/events.js'
import { flows } from '../src/query/flows.js'
import { groups } from '../src/query/groups.js'
import { jobs } from '../src/query/jobs.js'
import { pages } from '../src/query/pages.js'
import type { Search } from '../src/query/parameters.js'
import { releases } from '../src/query/releases.js'
import { requests } from '../src/query/requests.js'
import { series } from '../src/query/series.js'
import { users } from '../src/query/users.js'
import { verdict } from '../src/query/verdict.js'
import { openEmbeddedStore } from '../src/store/chdb.js'
import type { Store } from '../src/store/store.js'
import { END, makeDay, mergeDay } from './data.js'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    days: { type: 'string', default: '7' },
    rounds: { type: 'string', default: '7' },
    keep: { type: 'string' },
  },
})
const count = Number(values.events)
const days = Number(values.days)
const rounds = Number(values.rounds)

/** Milliseconds that an answer may take: for a million events a day, and for ten million. */
const BUDGET_MS = count <= 1_000_000 ? 300 : 1500

type Question = (store: Store, search: Search, now: number) => Promise<unknown>

const QUESTIONS: [name: string, ask: Question, given: Record<string, string>][] = [
  ['verdict', verdict, {}],
  ['series', series, {}],
  ['flows', flows, {}],
  ['releases', releases, {}],
  ['releases/compare', compare, { a: 'web@00', b: 'web@bad' }],
  ['groups', groups, {}],
  ['requests', requests, {}],
  ['users', users, {}],
  ['jobs', jobs, {}],
  ['pages', pages, {}],
  ['events', events, {}],
  ['series?flow=', series, { flow: 'GET /api/things/0/:id' }],
  ['series?group=', series, { group: 'g1_bad' }],
  ['series?by=release', series, { by: 'release' }],
  ['verdict, an hour', verdict, { from: new Date(END - 3_600_000).toISOString() }],
]

const isKept = values.keep !== undefined && existsSync(join(values.keep, 'store'))
const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'questions-'))
mkdirSync(folder, { recursive: true })
const store = await openEmbeddedStore(folder, 86_400 * 3650)
try {
  if (!isKept) {
    const begun = performance.now()
    for (let day = days; day >= 0; day--) for (const sql of makeDay(count, day)) await store.query(sql)
    for (let day = days + 1; day > 0; day--) await store.query(mergeDay(day))
    console.log(
      `Made ${(count * (days + 1)).toLocaleString('en')} events in ${Math.round((performance.now() - begun) / 1000)} s`,
    )
  }
  console.log(`A day of ${count.toLocaleString('en')} events, ${rounds} rounds; ms\n`)
  console.log(line('question', ['budget', 'median', 'worst', 'cpu']))
  for (const [name, ask, given] of QUESTIONS) {
    const { median, worst, cpu } = await measure(ask, given)
    const isMet = median <= BUDGET_MS
    if (!isMet) process.exitCode = 1
    console.log(line(name, [BUDGET_MS, median, worst, cpu]), isMet ? '✓' : '✗')
  }
} finally {
  await store.close()
  if (values.keep === undefined) rmSync(folder, { recursive: true })
}

function line(name: string, figures: readonly (string | number)[]): string {
  const shown = figures.map(figure => (typeof figure === 'number' ? String(Math.round(figure)) : figure))
  return `${name.padEnd(20)} ${shown.map(text => text.padStart(8)).join('')}`
}

/** The first round warms the caches and is not counted; each is asked a moment later than the one before. `cpu` is of all threads together: half of it on two idle cores. */
async function measure(
  ask: Question,
  given: Record<string, string>,
): Promise<{ median: number; worst: number; cpu: number }> {
  const wall: number[] = []
  const cpu: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now()
    const before = process.cpuUsage()
    await ask(store, key => given[key], END + round)
    const { user, system } = process.cpuUsage(before)
    if (round === 0) continue
    wall.push(performance.now() - began)
    cpu.push((user + system) / 1000)
  }
  const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0
  return { median: median(wall), worst: Math.max(...wall), cpu: median(cpu) }
}
