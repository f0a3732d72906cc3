import type { HttpBindings } from '@hono/node-server'
import type { Handler } from 'hono'
import { Refusal } from '../errors.js'
import { type Mark, marks } from '../query/marks.js'
import { readMoment } from '../query/parameters.js'
import { moment } from '../store/schema.js'
import type { Store } from '../store/store.js'
import type { Budget } from './budget.js'
import { siteOfRequest, withJson } from './endpoint.js'
import type { Keyring } from './keys.js'

const LONGEST_NAME = 200
const LONGEST_COMMITS = 64 * 1024

function readName(body: Record<string, unknown>, name: string): string {
  const value = body[name]
  if (typeof value !== 'string' || value === '' || value.length > LONGEST_NAME)
    throw new Refusal(400, `Expected \`${name}\` to be a string of 1 to ${LONGEST_NAME} characters.`)
  return value.toWellFormed()
}

function readAt(body: Record<string, unknown>, received: number): number {
  if (body.at === undefined || body.at === null) return received
  if (typeof body.at !== 'string') throw new Refusal(400, 'Expected `at` to be a moment in ISO 8601.')
  return Math.min(readMoment('at', body.at), received)
}

function readCommits(body: Record<string, unknown>): string {
  const commits = JSON.stringify(body.commits ?? [])
  if (!Array.isArray(body.commits ?? []) || commits.length > LONGEST_COMMITS)
    throw new Refusal(400, 'Expected `commits` to be an array of at most 64 KiB.')
  return commits
}

/** The mark as it is shown: a release that was in service already keeps the moment it came. */
async function storedMark(store: Store, site: string, mark: Mark, now: number): Promise<Mark> {
  const filters: Record<string, string | null> = { site, env: mark.environment }
  const placed = await marks(store, name => filters[name] ?? undefined, { from: 0, to: now + 1 })
  const before = placed.filter(({ release, at }) => release === mark.release && at <= mark.at)
  return before.at(-1) ?? mark
}

/** `POST /api/v1/releases`: a deploy pipeline says that a release comes into service. */
export function ingestRelease(
  keys: Keyring,
  budget: Budget,
  store: Store,
): Handler<{ Bindings: HttpBindings }> {
  return async function announce(c) {
    const site = siteOfRequest(c, keys)
    return withJson(c, budget.open(site), async input => {
      if (typeof input !== 'object' || input === null || Array.isArray(input))
        throw new Refusal(400, 'Expected an object with `release` and `environment`.')
      const body = input as Record<string, unknown>
      const received = Date.now()
      const at = readAt(body, received)
      const mark: Mark = {
        at: new Date(at).toISOString(),
        release: readName(body, 'release'),
        environment: readName(body, 'environment'),
      }
      const row = { ...mark, site, at: moment(at), received_at: moment(received), commits: readCommits(body) }
      await store.insert('marks', [JSON.stringify(row)]).catch(error => {
        throw new Refusal(
          503,
          'The store did not take the release.',
          { 'Retry-After': '5' },
          { cause: error },
        )
      })
      return c.json(await storedMark(store, site, mark, received), 201)
    })
  }
}
