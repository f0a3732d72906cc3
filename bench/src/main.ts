import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { choose } from './contenders.js'
import { startFleet } from './fleet.js'
import { saturate } from './measures/slices.js'
import { overheadOf } from './overhead.js'
import { endAll, isPinned } from './processes/start.js'
import { median } from './stats.js'

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '0.5' },
  },
})
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    endAll()
    process.exit(130)
  })

const contenders = choose(values.only)
console.error(isPinned ? 'Server on one core, load and sink on the other.' : 'Cores are not pinned.')
const fleet = await startFleet(contenders, 'up')
const slices = await saturate(fleet, {
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  onRound: round => process.stderr.write(`${round + 1} `),
})
process.stderr.write('\n')
for (const { remote } of fleet.members) remote.child.kill('SIGTERM')
await sleep(3000)
const reported = await fleet.sink.call('reported', undefined)
for (const { contender, requests } of fleet.members) {
  const { added, ratio, range, throughput, rss, heap } = overheadOf(contender, slices)
  const own = slices.filter(slice => slice.contender === contender.name)
  console.log(
    contender.label.padEnd(28),
    `${median(own.map(({ cpu }) => cpu)).toFixed(1)} µs`.padStart(10),
    `+${added.toFixed(1)} µs`.padStart(10),
    `× ${ratio.toFixed(2)} (${range.map(end => end.toFixed(2)).join(' to ')})`.padEnd(24),
    `throughput ${throughput.toFixed(2)}`,
    `rss +${rss.toFixed(0)} heap +${heap.toFixed(0)}`,
    contender.reported ? `${reported[contender.name]} of ${requests} reported` : '',
  )
}
endAll()
process.exit()
