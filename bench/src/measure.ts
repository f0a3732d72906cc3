import type { Contender } from './contenders.js'
import { endFleet, endServers, type Fleet, startFleet } from './fleet.js'
import { describeMachine } from './machine.js'
import { installs } from './measures/install.js'
import { pace, saturate, warmUp } from './measures/slices.js'
import { startUps } from './measures/start-up.js'
import type { Options } from './options.js'
import { fewOf, PACED_LONGER, plan, type Stint, startsOf, stepOf, stepsOf } from './plan.js'
import { Progress } from './progress.js'
import type { Delivered, Results } from './results.js'

/** Measures what was asked for, one measure after the other; `keep` gets the rows after each. */
export async function measure(
  contenders: readonly Contender[],
  options: Options,
  tell: (line: string) => void,
  keep: (results: Results) => Promise<unknown>,
): Promise<Results> {
  const { measures, rounds, seconds } = options
  const stints = plan(contenders, options)
  const progress = new Progress(stepsOf(stints, contenders.length, options), tell)
  const results: Results = {
    date: new Date().toISOString(),
    machine: describeMachine(),
    rounds,
    seconds,
    contenders: contenders.map(({ name }) => name),
  }
  for (const stint of stints) {
    await take(stint, options, progress, results)
    await keep(results)
  }
  if (measures.has('start-up')) {
    progress.say('start-up', 'start-up')
    results.startUps = await startUps(contenders, startsOf(rounds))
    await keep(results)
  }
  if (measures.has('install')) {
    progress.say('install', 'install')
    try {
      results.installs = await installs(contenders)
    } catch (error) {
      // It alone needs a registry; what was measured before is not lost for want of them.
      tell(`install: ${(error as Error).message}`)
    }
    await keep(results)
  }
  return results
}

/** Starts the servers of a stint, measures on them, ends them, and adds its rows to the results. */
async function take(
  stint: Stint,
  { rounds, seconds }: Options,
  progress: Progress,
  results: Results,
): Promise<void> {
  const { name, mode, contenders, first, end, rates } = stint
  const say = (what: Parameters<typeof stepOf>[1], line: string, share = 0): void =>
    progress.say(stepOf(stint, what), `${name}: ${line}`, share)

  say('start', `starting ${contenders.length} servers, and warming them up`)
  const fleet = await startFleet(contenders, mode)
  await warmUp(fleet)
  if (end > first) {
    const onRound = (round: number): void =>
      say('saturation', `round ${round + 1} of ${end} at saturation`, (round - first) / (end - first))
    results[mode] = [...(results[mode] ?? []), ...(await saturate(fleet, { first, end, seconds, onRound }))]
  }
  const few = fewOf(rounds)
  for (const rate of rates) {
    const onRound = (round: number): void =>
      say(rate, `round ${round + 1} of ${few} at ${rate}/s`, round / few)
    const paced = await pace(fleet, rate, { first: 0, end: few, seconds: seconds * PACED_LONGER, onRound })
    results.paced = [...(results.paced ?? []), ...paced]
  }
  say('end', 'asking the servers to end, which send what is still queued')
  const endings = await endServers(fleet)
  if (mode === 'silent') results.endings = [...(results.endings ?? []), ...endings]
  if (mode === 'up') results.delivered = [...(results.delivered ?? []), ...(await countDelivered(fleet))]
  await endFleet(fleet)
}

async function countDelivered({ members, sink }: Fleet): Promise<Delivered[]> {
  const reported = await sink.call('reported', undefined)
  return members.map(({ contender: { name }, requests }) => ({
    contender: name,
    requests,
    reported: reported[name] ?? 0,
  }))
}
