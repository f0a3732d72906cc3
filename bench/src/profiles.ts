import type { Contender } from './contenders.js'
import { writeDocs } from './docs.js'
import { endFleet, endServers, startFleet } from './fleet.js'
import { profile, type Rooms } from './measures/profile.js'

const SECONDS = 5
const ROOMS = 15
const FUNCTIONS = 20

/** Prints where each contender's main thread spends a request; ours on Fastify also goes into the docs. */
export async function showProfiles(contenders: readonly Contender[], isForDocs: boolean): Promise<void> {
  const fleet = await startFleet(contenders, 'up')
  for (const member of fleet.members) {
    const { name, label } = member.contender
    const { rooms, functions } = await profile(fleet, member, SECONDS)
    const text = [list(rooms, 'room', ROOMS), list(functions, 'function', FUNCTIONS)].join('\n\n')
    console.log(`\n${label}\n\n${text}`)
    if (isForDocs && name === 'fastify/ours') await writeDocs('profile', text)
  }
  await endServers(fleet)
  await endFleet(fleet)
}

function list(rooms: Rooms, title: string, count: number): string {
  const sorted = [...rooms].sort(([, a], [, b]) => b - a).slice(0, count)
  const width = Math.max(...sorted.map(([name]) => name.length))
  return [
    `| ${title.padEnd(width)} | µs a request |`,
    `| ${'-'.repeat(width)} | -----------: |`,
    ...sorted.map(([name, time]) => `| ${name.padEnd(width)} | ${time.toFixed(2).padStart(12)} |`),
  ].join('\n')
}
