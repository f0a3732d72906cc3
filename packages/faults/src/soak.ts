/** `pnpm --filter @justanalytics/faults soak`: a client under load, for minutes, against one fault after the other. */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { malformed } from './cases/malformed.js'
import { network } from './cases/network.js'
import { statuses } from './cases/statuses.js'
import { API_KEY } from './endpoints.js'
import { sum, violations } from './invariants.js'
import { type State, startLoad } from './load.js'
import type { Case } from './run.js'
import { FaultServer } from './server/index.js'

const EVENTS_A_SECOND = 200
const FAULT_MS = 1500
const MIB = 1024 * 1024

/** Those that heal: after a fault that does not, a sender rests for longer than a soak lasts. */
const FAULTS: readonly Case[] = [...network, ...malformed, ...statuses].filter(
  ({ script, expect }) => script && expect.delivered > 0 && !expect.dropped,
)

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '1' } } })
const minutes = Number(values.minutes)
if (!(minutes > 0)) {
  console.error(`Expected \`--minutes\` to be a number above 0, got ${values.minutes}.`)
  process.exit(1)
}

const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())
process.exitCode = await soak()

async function soak(): Promise<number> {
  await using server = await FaultServer.open()
  const options = { apiKey: API_KEY, siteId: 'soak', endpoint: server.url }
  let most = 0
  let name = ''
  let told = 0
  const report = ({ stats, grown }: State): void => {
    most = Math.max(most, grown)
    if (++told % 5 !== 0) return
    const { captured, delivered, queued, inFlight, dropped } = stats
    const memory = `${(grown / MIB).toFixed(1)} MiB`
    console.log(
      `${String(told).padStart(5)} s  captured ${captured}  delivered ${delivered}  waiting ${queued + inFlight}  lost ${sum(dropped)}  grown ${memory}  (${name})`,
    )
  }
  const load = startLoad(options, EVENTS_A_SECOND, report)
  const end = performance.now() + minutes * 60_000
  for (let turn = 0; performance.now() < end && !interrupted.signal.aborted; turn++) {
    const fault = FAULTS[turn % FAULTS.length] as Case
    name = fault.name
    server.script = fault.script ?? {}
    await sleep(FAULT_MS, undefined, { signal: interrupted.signal }).catch(() => {})
  }
  server.script = {}
  const { stats, flushed, lines } = await load.stop(20_000)
  const { ledger } = server
  const wrong = violations({ stats, ledger, lines, apiKey: API_KEY })
  if (!flushed && sum(stats.dropped) === 0) wrong.push('flush did not deliver what was left')
  if (most > 8 * MIB) wrong.push(`${(most / MIB).toFixed(1)} MiB more in use at some moment, not 8`)
  console.log(`
captured                 ${stats.captured}
delivered                ${stats.delivered}
lost                     ${sum(stats.dropped)} ${sum(stats.dropped) > 0 ? JSON.stringify(stats.dropped) : ''}
copies an event          ${ledger.copies.average.toFixed(2)} on average, ${ledger.copies.most} at most (bounds: 3, 20)
connections at once      ${ledger.connections.most} (bound: 2)
heap growth at most      ${(most / MIB).toFixed(1)} MiB (bound: 8)
${wrong.map(sentence => `✗ ${sentence}`).join('\n') || '✓ everything that has to hold held'}`)
  return wrong.length === 0 ? 0 : 1
}
