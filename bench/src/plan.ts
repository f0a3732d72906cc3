import type { Contender } from './contenders.js'
import { ENDING_MS } from './fleet.js'
import { SETTLE_MS, WARM_UP_SECONDS } from './measures/slices.js'
import type { Options } from './options.js'
import type { SinkMode } from './processes/sink.js'
import type { Step } from './progress.js'

/** Servers that are up together, those of one framework, and what is measured on them. */
export interface Stint {
  readonly name: string
  readonly mode: SinkMode
  readonly contenders: readonly Contender[]
  /** The rounds at saturation, from the first to before the end; none where they are the same. */
  readonly first: number
  readonly end: number
  /** Requests a second, of the rounds at a steady pace. */
  readonly rates: readonly number[]
}

const RATES = [500, 2000]
/**
 * At saturation all servers are started anew so often: how V8 lays out and compiles a program lasts for its process, and
 * two processes of the same program differ by as much as what is measured.
 */
const FLEETS = 3
/** For percentiles a slice has to be longer. */
export const PACED_LONGER = 4
/** Enough for a median where differences are large. */
const FEW_ROUNDS = 5
/** What is added to a start is a tenth of it, and the start of a process varies by as much. */
const STARTS = 10

export const fewOf = (rounds: number): number => Math.min(rounds, FEW_ROUNDS)
export const startsOf = (rounds: number): number => Math.min(rounds, STARTS)

/** The stints of what was asked for, in order. */
export function plan(contenders: readonly Contender[], { measures, rounds }: Options): Stint[] {
  const frameworks = [...new Set(contenders.map(({ bare }) => bare))].map(bare => ({
    framework: bare.split('/', 1)[0] as string,
    contenders: contenders.filter(contender => contender.bare === bare),
  }))
  const isSaturated = measures.has('saturation')
  const fleets = isSaturated ? Math.min(FLEETS, rounds) : measures.has('rates') ? 1 : 0
  const stints: Stint[] = []
  for (const { framework, contenders } of frameworks)
    for (let at = 0; at < fleets; at++)
      stints.push({
        name: `${framework}, sink up, ${at + 1} of ${fleets}`,
        mode: 'up',
        contenders,
        first: isSaturated ? Math.round((at * rounds) / fleets) : 0,
        end: isSaturated ? Math.round(((at + 1) * rounds) / fleets) : 0,
        rates: measures.has('rates') && at === fleets - 1 ? RATES : [],
      })
  if (measures.has('sinks'))
    for (const mode of ['down', 'silent'] as const)
      for (const { framework, contenders } of frameworks) {
        const name = `${framework}, sink ${mode}`
        stints.push({ name, mode, contenders, first: 0, end: fewOf(rounds), rates: [] })
      }
  return stints
}

/** Seconds, about: what a turn takes beside the load, to start a server, to install a contender's packages. */
const TURN_AROUND = 0.1
const START = 0.8
const INSTALL = 4

/** What is going on in a stint and behind it, for its progress. */
export const stepOf = (stint: Stint, what: 'start' | 'saturation' | 'end' | number): string =>
  `${stint.name}: ${what}`

/** All that is to be done, in order. What depends on contenders and the machine is taken from experience. */
export function stepsOf(stints: readonly Stint[], contenders: number, options: Options): Step[] {
  const { measures, rounds, seconds } = options
  const steps = stints.flatMap((stint): Step[] => {
    const { length } = stint.contenders
    const turn = (of: number): number => length * (of + SETTLE_MS / 1000 + TURN_AROUND)
    return [
      { name: stepOf(stint, 'start'), seconds: length * (START + WARM_UP_SECONDS) },
      { name: stepOf(stint, 'saturation'), seconds: (stint.end - stint.first) * turn(seconds) },
      ...stint.rates.map(rate => ({
        name: stepOf(stint, rate),
        seconds: fewOf(rounds) * turn(seconds * PACED_LONGER),
      })),
      { name: stepOf(stint, 'end'), seconds: ENDING_MS / 1000 },
    ]
  })
  if (measures.has('start-up'))
    steps.push({ name: 'start-up', seconds: (startsOf(rounds) + 1) * contenders * START })
  if (measures.has('install')) steps.push({ name: 'install', seconds: contenders * INSTALL })
  return steps
}
