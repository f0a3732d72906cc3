import type { Contender } from './contenders.js'
import { endFleet, endServers, type Fleet, startFleet } from './fleet.js'
import { describeMachine } from './machine.js'
import { installs } from './measures/install.js'
import { pace, type Rounds, saturate, warmUp } from './measures/slices.js'
import { startUps } from './measures/start-up.js'
import type { Options } from './options.js'
import type { SinkMode } from './processes/sink.js'
import type { Delivered, Results } from './results.js'

const RATES = [500, 2000]
/** For percentiles a slice has to be longer. */
const PACED_LONGER = 4
/** Enough for a median where differences are large. */
const FEW_ROUNDS = 5

/** Measures what was asked for, one measure after the other; `keep` gets the rows after each. */
export async function measure(
  contenders: readonly Contender[],
  { measures, rounds, seconds }: Options,
  tell: (line: string) => void,
  keep: (results: Results) => Promise<unknown>,
): Promise<Results> {
  const few = Math.min(rounds, FEW_ROUNDS)
  const take = (what: string, count: number, length: number): Rounds => ({
    rounds: count,
    seconds: length,
    onRound: round => tell(`${what}: round ${round + 1} of ${count}`),
  })
  const start = (mode: SinkMode): Promise<Fleet> => {
    tell(`sink ${mode}: starting ${contenders.length} servers, and warming them up`)
    return startFleet(contenders, mode)
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
    await warmUp(fleet)
    if (measures.has('saturation')) results.up = await saturate(fleet, take('saturation', rounds, seconds))
    if (measures.has('rates')) {
      results.paced = []
      for (const rate of RATES) {
        const paced = await pace(fleet, rate, take(`${rate}/s`, few, seconds * PACED_LONGER))
        results.paced = [...results.paced, ...paced]
      }
    }
    tell('waiting for what is still queued')
    await endServers(fleet)
    results.delivered = await countDelivered(fleet)
    await endFleet(fleet)
    await keep(results)
  }
  if (measures.has('sinks')) {
    for (const mode of ['down', 'silent'] as const) {
      const fleet = await start(mode)
      await warmUp(fleet)
      results[mode] = await saturate(fleet, take(`sink ${mode}`, few, seconds))
      tell('asking the servers to end')
      const endings = await endServers(fleet)
      if (mode === 'silent') results.endings = endings
      await endFleet(fleet)
      await keep(results)
    }
  }
  if (measures.has('start-up')) {
    tell('start-up')
    results.startUps = await startUps(contenders, few)
    await keep(results)
  }
  if (measures.has('install')) {
    tell('install')
    try {
      results.installs = await installs(contenders)
    } catch (error) {
      // It alone needs a registry and pnpm; what was measured before is not lost for want of them.
      tell(`install: ${(error as Error).message}`)
    }
    await keep(results)
  }
  return results
}

async function countDelivered({ members, sink }: Fleet): Promise<Delivered[]> {
  const reported = await sink.call('reported', undefined)
  return members.map(({ contender: { name }, requests }) => ({
    contender: name,
    requests,
    reported: reported[name] ?? 0,
  }))
}
