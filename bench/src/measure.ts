import type { Contender } from './contenders.js'
import { ENDING_MS, endFleet, endServers, type Fleet, startFleet } from './fleet.js'
import { describeMachine } from './machine.js'
import { installs } from './measures/install.js'
import { pace, type Rounds, SETTLE_MS, saturate, WARM_UP_SECONDS, warmUp } from './measures/slices.js'
import { startUps } from './measures/start-up.js'
import type { Options } from './options.js'
import type { SinkMode } from './processes/sink.js'
import { Progress, type Step } from './progress.js'
import type { Delivered, Results } from './results.js'

const RATES = [500, 2000]
/** For percentiles a slice has to be longer. */
const PACED_LONGER = 4
/** Enough for a median where differences are large. */
const FEW_ROUNDS = 5
/** What is added to a start is a tenth of it, and the start of a process varies by as much. */
const STARTS = 15

/** Seconds, about: what a turn takes beside the load, to start a server, to install a contender's packages. */
const TURN_AROUND = 0.1
const START = 0.8
const INSTALL = 4

/** Measures what was asked for, one measure after the other; `keep` gets the rows after each. */
export async function measure(
  contenders: readonly Contender[],
  options: Options,
  tell: (line: string) => void,
  keep: (results: Results) => Promise<unknown>,
): Promise<Results> {
  const { measures, rounds, seconds } = options
  const few = Math.min(rounds, FEW_ROUNDS)
  const progress = new Progress(stepsOf(contenders.length, options), tell)
  const take = (what: string, count: number, length: number): Rounds => ({
    rounds: count,
    seconds: length,
    onRound: round => progress.say(what, `${what}: round ${round + 1} of ${count}`, round / count),
  })
  const start = async (mode: SinkMode): Promise<Fleet> => {
    const step = `start ${mode}`
    progress.say(step, `sink ${mode}: starting ${contenders.length} servers, and warming them up`)
    const fleet = await startFleet(contenders, mode)
    await warmUp(fleet)
    return fleet
  }
  const results: Results = {
    date: new Date().toISOString(),
    machine: describeMachine(),
    rounds,
    seconds,
    contenders: contenders.map(({ name }) => name),
  }

  if (measures.has('saturation') || measures.has('rates')) {
    const fleet = await start('up')
    if (measures.has('saturation')) results.up = await saturate(fleet, take('saturation', rounds, seconds))
    if (measures.has('rates')) {
      results.paced = []
      for (const rate of RATES) {
        const paced = await pace(fleet, rate, take(`${rate}/s`, few, seconds * PACED_LONGER))
        results.paced = [...results.paced, ...paced]
      }
    }
    progress.say('end up', 'waiting for what is still queued')
    await endServers(fleet)
    results.delivered = await countDelivered(fleet)
    await endFleet(fleet)
    await keep(results)
  }
  if (measures.has('sinks')) {
    for (const mode of ['down', 'silent'] as const) {
      const fleet = await start(mode)
      results[mode] = await saturate(fleet, take(`sink ${mode}`, few, seconds))
      progress.say(`end ${mode}`, 'asking the servers to end')
      const endings = await endServers(fleet)
      if (mode === 'silent') results.endings = endings
      await endFleet(fleet)
      await keep(results)
    }
  }
  if (measures.has('start-up')) {
    progress.say('start-up', 'start-up')
    results.startUps = await startUps(contenders, Math.min(rounds, STARTS))
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

/** All that is to be done, in order. What depends on contenders and the machine is taken from experience. */
function stepsOf(contenders: number, { measures, rounds, seconds }: Options): Step[] {
  const few = Math.min(rounds, FEW_ROUNDS)
  const turn = (length: number): number => contenders * (length + SETTLE_MS / 1000 + TURN_AROUND)
  const start = (mode: SinkMode): Step => ({
    name: `start ${mode}`,
    seconds: contenders * (START + WARM_UP_SECONDS),
  })
  const end = (mode: SinkMode): Step => ({ name: `end ${mode}`, seconds: ENDING_MS / 1000 })
  const steps: Step[] = []
  if (measures.has('saturation') || measures.has('rates')) {
    steps.push(start('up'))
    if (measures.has('saturation')) steps.push({ name: 'saturation', seconds: rounds * turn(seconds) })
    if (measures.has('rates'))
      for (const rate of RATES) steps.push({ name: `${rate}/s`, seconds: few * turn(seconds * PACED_LONGER) })
    steps.push(end('up'))
  }
  if (measures.has('sinks'))
    for (const mode of ['down', 'silent'] as const)
      steps.push(start(mode), { name: `sink ${mode}`, seconds: few * turn(seconds) }, end(mode))
  if (measures.has('start-up'))
    steps.push({ name: 'start-up', seconds: (Math.min(rounds, STARTS) + 1) * contenders * START })
  if (measures.has('install')) steps.push({ name: 'install', seconds: contenders * INSTALL })
  return steps
}

async function countDelivered({ members, sink }: Fleet): Promise<Delivered[]> {
  const reported = await sink.call('reported', undefined)
  return members.map(({ contender: { name }, requests }) => ({
    contender: name,
    requests,
    reported: reported[name] ?? 0,
  }))
}
