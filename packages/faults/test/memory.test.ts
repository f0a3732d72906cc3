import { describe, expect, it } from 'vitest'
import { API_KEY, type Health, openEndpoint } from '../src/endpoints.js'
import { violations } from '../src/invariants.js'
import { type FinalState, startLoad } from '../src/load.js'

const MIB = 1024 * 1024
/** More than 4 MiB of text a second: the queue is full in the first. */
const EVENTS_A_SECOND = 6000
const SECONDS_FULL = 3

describe.concurrent('memory in use, with more captured than can be sent', () => {
  it.each<Health>(['silent', 'refused'])(
    'grows by 8 MiB at most; the endpoint is %s',
    { timeout: 60_000 },
    async health => {
      await using endpoint = await openEndpoint(health)
      let most = 0
      let full = 0
      const options = { apiKey: API_KEY, siteId: 'site', endpoint: endpoint.url }
      const { stats, lines } = await new Promise<FinalState>((resolve, reject) => {
        const load = startLoad(options, EVENTS_A_SECOND, ({ stats, grown }) => {
          most = Math.max(most, grown)
          if (stats.dropped.queue_full && ++full === SECONDS_FULL) load.stop(0).then(resolve, reject)
        })
      })
      expect(most / MIB).toBeLessThanOrEqual(8)
      expect(violations({ stats, ledger: endpoint.ledger, lines, apiKey: API_KEY })).toEqual([])
    },
  )
})
