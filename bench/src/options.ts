import { parseArgs } from 'node:util'

/** What can be measured; without names all but the last. */
export const MEASURES = {
  saturation: 'CPU a request, throughput, memory and events delivered, as fast as the server can',
  rates: 'CPU a request, p50 and p99 at 500 and 2,000 requests a second',
  sinks:
    'the same as saturation with a sink that refuses and one that is silent, and how the process ends then',
  'start-up': 'milliseconds until a fresh process listens',
  install: 'megabytes and packages that npm installs',
  profile: 'where the time goes, by room and by function; only when asked for',
} as const

export type Measure = keyof typeof MEASURES

export interface Options {
  readonly measures: ReadonlySet<Measure>
  readonly only: readonly string[]
  readonly rounds: number
  readonly seconds: number
  readonly json: boolean
  readonly writeDocs: boolean
  /** A results file to print again in place of measuring. */
  readonly from: string | undefined
}

const NAMES = Object.keys(MEASURES) as Measure[]

const HELP = `Usage: npx -y pnpm@12 bench [measure]... [options]

What reporting a request costs: bare frameworks, a lower bound written by hand, JustAnalytics and others, side by side.
The measures (all but the last without a name; about half an hour with all contenders):
${NAMES.map(name => `  ${name.padEnd(12)} ${MEASURES[name]}`).join('\n')}

  --only <name>      contenders whose name begins so, e.g. fastify/ours or koa, with what they are measured over;
                     may be given more than once
  --rounds <n>       turns of each server at saturation, default 24; fewer in other measures
  --seconds <n>      length of a turn at saturation, default 0.5; four times that at a steady pace
  --json             print the results as JSON in place of the table
  --write-docs       put the table into docs/performance.md
  --from <file>      do not measure: take the results of an earlier run, as kept in bench/results
  --help             this text`

/** The command's arguments; what is wrong with them ends the process with a sentence. */
export function readOptions(): Options {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        only: { type: 'string', multiple: true, default: [] },
        rounds: { type: 'string', default: '24' },
        seconds: { type: 'string', default: '0.5' },
        json: { type: 'boolean', default: false },
        'write-docs': { type: 'boolean', default: false },
        from: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) {
      console.log(HELP)
      process.exit()
    }
    return {
      measures: measuresOf(positionals),
      only: values.only,
      rounds: positive('rounds', values.rounds),
      seconds: positive('seconds', values.seconds),
      json: values.json,
      writeDocs: values['write-docs'],
      from: values.from,
    }
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`)
    process.exit(1)
  }
}

function measuresOf(names: readonly string[]): ReadonlySet<Measure> {
  const unknown = names.find(name => !(name in MEASURES))
  if (unknown !== undefined) throw new Error(`There is no measure ${unknown}.`)
  return new Set(names.length > 0 ? (names as Measure[]) : NAMES.filter(name => name !== 'profile'))
}

function positive(name: string, given: string): number {
  const number = Number(given)
  if (!(number > 0)) throw new Error(`Expected --${name} to be a number above 0, got ${given}.`)
  return number
}
