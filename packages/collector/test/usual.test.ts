import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { flows } from '../src/query/flows.js'
import { openEmbeddedStore } from '../src/store/chdb.js'
import type { Store } from '../src/store/store.js'
import { temporaryFolder } from './helpers.js'
import { at, play } from './story.js'

const DAY = 86_400_000
const SECOND = 1000
/** No whole slot begins or ends here. */
const FROM = at('01:02:03')

let store: Store

function request(site: string, n: number, time: number, status: number): object {
  return {
    event: 'api_request',
    timestamp: new Date(time).toISOString(),
    properties: {
      path: '/pay',
      route: '/pay',
      method: 'POST',
      status_code: status,
      duration_ms: 3,
      user_id: null,
      request_id: `${site}-${n}`,
      outcome: 'ok',
      viewset: null,
      action: null,
      query_params: {},
    },
  }
}

/** Requests that went well, and failures at the very ends of a time, on either side of them. */
function around(site: string, from: number, to: number): object[] {
  const well = Array.from({ length: 60 }, (_, i) =>
    request(site, i, from + ((to - from) * (i + 0.5)) / 60, 200),
  )
  const ends = [from - 1, from, from + 100 * SECOND, to - 100 * SECOND, to - 1]
  return [...well, ...ends.map((time, i) => request(site, 100 + i, time, 500)), request(site, 200, FROM, 200)]
}
/** 60 requests went well, and of the failures the first is not in it. */
const USUAL = (4 + 0.5) / (60 + 4 + 50)

const SITES: Record<string, [from: number, to: number]> = {
  'a day': [FROM - DAY, FROM],
  'a week': [FROM - 7 * DAY, FROM],
}

beforeAll(async () => {
  store = await openEmbeddedStore(temporaryFolder(afterAll), 86_400 * 3650)
  await play(
    store,
    Object.entries(SITES).map(([name, [from, to]]) => {
      const site = name.replaceAll(' ', '-')
      return [site, { past: 0, rate: 0, releases: () => ['a'], more: around(site, from, to) }] as const
    }),
  )
})
afterAll(() => store.close())

async function usualOf(site: string, length: number): Promise<number | undefined> {
  const given: Record<string, string> = {
    site,
    from: new Date(FROM).toISOString(),
    to: new Date(FROM + length).toISOString(),
  }
  const { items } = await flows(store, name => given[name], FROM + length)
  return items[0]?.usual_rate
}

describe('the usual of a window that no whole slot begins', () => {
  it('is that of the 24 hours before it, to the millisecond', async () => {
    expect(await usualOf('a-day', 3_600_000)).toBe(USUAL)
  })

  it('is that of the 7 days before it, to the millisecond, where it is a day long', async () => {
    expect(await usualOf('a-week', DAY)).toBe(USUAL)
  })
})
