import { randomUUID } from 'node:crypto'
import { moment } from '../store/schema.js'
import type { Store } from '../store/store.js'

/** What was told of something: a trouble's beginning, its end, or a group. */
export interface Claim {
  site: string
  /** What it is about; what has been told of that before decides what is told next. */
  subject: string
  kind: string
  /** The same for a trouble's beginning and its end. */
  incident: string
}

/** More collectors than this do not claim the same thing. */
const MOST_RIVALS = 100

/** The newest claim on a subject, as its winner made it, and when the last of its rivals did, in milliseconds. */
export async function lastClaim(
  store: Store,
  site: string,
  subject: string,
): Promise<(Claim & { told: number }) | undefined> {
  const newestFirst = await store.query<Claim & { told: number }>(
    `SELECT site, subject, kind, incident, toUnixTimestamp64Milli(at) AS told FROM notices
     WHERE site = {site:String} AND subject = {subject:String} ORDER BY at DESC, claim DESC LIMIT ${MOST_RIVALS}`,
    { site, subject },
  )
  const [last] = newestFirst
  if (!last) return undefined
  const other = newestFirst.findIndex(({ kind }) => kind !== last.kind)
  const winner = newestFirst.at(other === -1 ? -1 : other - 1) ?? last
  return { ...winner, told: last.told }
}

/**
 * Writes down that this collector tells of something, and whether it is the one that does: of several that
 * noticed the same, the first. Two whose clocks disagree may both be, in the same instant: a notice is told
 * once, and twice at worst.
 * @param since when the claim before it was made, in milliseconds: what came after is a rival
 */
export async function claim(store: Store, wanted: Claim, since: number): Promise<boolean> {
  const own = randomUUID()
  const { site, subject, kind } = wanted
  await store.insert('notices', [JSON.stringify({ ...wanted, at: moment(Date.now()), claim: own })])
  const [first] = await store.query<{ claim: string }>(
    `SELECT claim FROM notices
     WHERE site = {site:String} AND subject = {subject:String} AND kind = {kind:String}
       AND at > {since:DateTime64(3, 'UTC')}
     ORDER BY at, claim LIMIT 1`,
    { site, subject, kind, since: moment(since) },
  )
  return first?.claim === own
}
