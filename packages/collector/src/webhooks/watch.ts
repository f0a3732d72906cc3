import { randomUUID } from 'node:crypto'
import type { Group } from '../query/groups.js'
import type { Search } from '../query/parameters.js'
import type { Verdict } from '../query/verdict.js'
import { moment } from '../store/schema.js'
import type { Store } from '../store/store.js'
import { claim, lastClaim } from './claims.js'
import { readLateGroups } from './late.js'
import type { Outbox } from './outbox.js'

/** What a verdict is asked of. */
const WINDOW_MS = 3_600_000
/** A group that was first received longer ago than this is not told of as new. */
const FRESH_MS = 900_000
/** A group that keeps coming back is told of this often. */
const AGAIN_MS = 7 * 86_400_000
/** Groups told of in one look. */
const MOST_GROUPS = 10

const BAD: ReadonlySet<Verdict['state']> = new Set([
  'deploy_suspect',
  'external',
  'one_user',
  'old_error_grew',
  'jobs_only',
])
/** States that say that it is over; the others leave it open. */
const GOOD: ReadonlySet<Verdict['state']> = new Set(['quiet', 'traffic_up'])

/** What the watch asks. */
export interface Questions {
  verdict(store: Store, search: Search, now: number): Promise<Verdict>
  groups(store: Store, search: Search, now: number): Promise<{ items: Group[] }>
}

interface Place {
  site: string
  environment: string
}

type Tell = (type: string, place: Place, incident: string, facts: object) => void

/** One look at every site and environment that had events lately. */
export async function look(store: Store, questions: Questions, outbox: Outbox, now: number): Promise<void> {
  const places = await store.query<Place>(
    "SELECT DISTINCT site, environment FROM events WHERE timestamp >= {from:DateTime64(3, 'UTC')}",
    { from: moment(now - WINDOW_MS) },
  )
  const tell: Tell = (type, { site, environment }, incident, facts) => {
    const id = randomUUID()
    const at = new Date(now).toISOString()
    outbox.add({ id, body: JSON.stringify({ id, type, at, site, environment, incident, ...facts }) })
  }
  for (const place of places) {
    await lookAtVerdict(store, questions, place, tell, now)
    await lookAtGroups(store, questions, place, tell, now)
  }
  await lookAtLateGroups(store, questions, tell, now)
}

function searchOf({ site, environment }: Place, now: number, length: number): Search {
  const values: Record<string, string> = {
    site,
    env: environment,
    from: new Date(now - length).toISOString(),
    to: new Date(now).toISOString(),
  }
  return name => values[name] || undefined
}

async function lookAtVerdict(
  store: Store,
  questions: Questions,
  place: Place,
  tell: Tell,
  now: number,
): Promise<void> {
  const verdict = await questions.verdict(store, searchOf(place, now, WINDOW_MS), now)
  const isBad = BAD.has(verdict.state) && verdict.recovered_at === null
  const isOver = GOOD.has(verdict.state) || verdict.recovered_at !== null
  const subject = `verdict ${place.environment}`
  const last = await lastClaim(store, place.site, subject)
  const isOpen = last?.kind === 'verdict.bad'
  if (isOpen ? !isOver : !isBad) return
  const wanted = {
    site: place.site,
    subject,
    kind: isOpen ? 'verdict.recovered' : 'verdict.bad',
    incident: isOpen ? last.incident : randomUUID(),
  }
  if (await claim(store, wanted, last?.told ?? 0)) tell(wanted.kind, place, wanted.incident, { verdict })
}

async function lookAtGroups(
  store: Store,
  questions: Questions,
  place: Place,
  tell: Tell,
  now: number,
): Promise<void> {
  const { items } = await questions.groups(store, searchOf(place, now, FRESH_MS), now)
  const shown = items.filter(({ badge }) => badge === 'NEW' || badge === 'REGRESSED').slice(0, MOST_GROUPS)
  for (const group of shown) await tellGroup(store, place, group, tell, now)
}

/** What happened a while ago and is received only now is new, too. */
async function lookAtLateGroups(store: Store, questions: Questions, tell: Tell, now: number): Promise<void> {
  const late = await readLateGroups(store, now - FRESH_MS)
  for (const { id, first, ...place } of late.slice(0, MOST_GROUPS)) {
    const search = searchOf(place, now, now - first)
    const { items } = await questions.groups(store, name => (name === 'group' ? id : search(name)), now)
    for (const group of items) if (group.badge === 'NEW') await tellGroup(store, place, group, tell, now)
  }
}

async function tellGroup(store: Store, place: Place, group: Group, tell: Tell, now: number): Promise<void> {
  const kind = group.badge === 'NEW' ? 'group.new' : 'group.regressed'
  const subject = `group ${group.id}`
  const last = await lastClaim(store, place.site, subject)
  if (last?.kind === kind && now - last.told < AGAIN_MS) return
  const incident = randomUUID()
  const wanted = { site: place.site, subject, kind, incident }
  if (await claim(store, wanted, last?.told ?? 0)) tell(kind, place, incident, { group })
}
