import type { Contender } from './contenders.js'
import { writeDocs } from './docs.js'
import { endFleet, endServers, startFleet } from './fleet.js'
import { type Profile, profile, type Times } from './measures/profile.js'
import { tableOf } from './table.js'

const SECONDS = 5
const ROOMS = 16
const FUNCTIONS = 20

/** Prints where each contender's main thread spends a request; `isForDocs` puts it into the docs too. */
export async function showProfiles(contenders: readonly Contender[], isForDocs: boolean): Promise<void> {
  const fleet = await startFleet(contenders, 'up')
  const profiles = new Map<Contender, Profile>()
  for (const member of fleet.members) profiles.set(member.contender, await profile(fleet, member, SECONDS))
  await endServers(fleet)
  await endFleet(fleet)
  const text = [
    sideBySide(profiles, ({ rooms }) => rooms, ROOMS),
    sideBySide(profiles, ({ functions }) => functions, FUNCTIONS),
  ].join('\n\n')
  console.log(`\n${text}`)
  if (isForDocs) await writeDocs('profile', text)
}

/** Microseconds a request, the largest of any contender first; contenders without any are left out. */
function sideBySide(
  profiles: ReadonlyMap<Contender, Profile>,
  of: (profile: Profile) => Times,
  count: number,
): string {
  const columns = [...profiles].filter(([, profile]) => of(profile).size > 0)
  const largest = new Map<string, number>()
  for (const [, profile] of columns)
    for (const [name, time] of of(profile)) largest.set(name, Math.max(time, largest.get(name) ?? 0))
  const names = [...largest.keys()].sort((a, b) => (largest.get(b) ?? 0) - (largest.get(a) ?? 0))
  return tableOf([
    ['µs a request', ...columns.map(([{ label }]) => label)],
    ...names
      .slice(0, count)
      .map(name => [name, ...columns.map(([, profile]) => (of(profile).get(name) ?? 0).toFixed(2))]),
  ])
}
