/** Runs the same faults against each client and prints what each did: `pnpm scoreboard --help`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CASES, type Case } from './cases.js'
import { CLIENTS, type ClientName } from './clients/client.js'
import { type Outcome, run } from './run.js'
import { machine, type Row, table } from './table.js'

const HELP = `Usage: pnpm scoreboard [--only <text>] [--client <name>]... [--write-docs]

Each fault against each client, a process and a misbehaving endpoint each; about ten minutes.

  --only <text>    the faults alone whose name has this text in it
  --client <name>  ${CLIENTS.join(', ')}; may be given more than once
  --write-docs     put the table into docs/delivery.md
  --help           this text

Faults:
${CASES.map(({ name }) => `  ${name}`).join('\n')}`

const DOCS = join(import.meta.dirname, '../../../docs/delivery.md')
const [BEGIN, END] = ['<!-- scoreboard -->', '<!-- /scoreboard -->']

const options = readArguments()
if (options.help) console.log(HELP)
else await main(options)

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', default: '' },
        client: { type: 'string', multiple: true, default: [...CLIENTS] },
        'write-docs': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const unknown = values.client.find(name => !CLIENTS.some(client => client === name))
    if (unknown) throw new Error(`There is no client ${unknown}.`)
    return values
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`)
    process.exit(1)
  }
}

async function main({ only, client, 'write-docs': writeDocs }: ReturnType<typeof readArguments>) {
  const cases = CASES.filter(({ name }) => name.toLowerCase().includes(only.toLowerCase()))
  if (cases.length === 0) throw new Error(`No fault's name has ${JSON.stringify(only)} in it.`)
  const rows = new Map<Case, Row>()
  for (const [index, fault] of cases.entries()) {
    console.error(`${index + 1} of ${cases.length}: ${fault.name}`)
    rows.set(fault, await compare(fault, client as ClientName[]))
  }
  const text = `${table(rows)}\n\n${machine()}.`
  console.log(text)
  if (writeDocs) insert(text)
}

/** At once, as they wait most of the time, unless the case asks for quiet. */
async function compare(fault: Case, clients: readonly ClientName[]): Promise<Row> {
  const outcomes = new Map<ClientName | 'bare', Outcome>()
  const runs = (['bare', ...clients] as const).map(
    client => async () => outcomes.set(client, await run(client, fault)),
  )
  if (fault.alone) for (const one of runs) await one()
  else await Promise.all(runs.map(one => one()))
  const judged = clients.map(client => [
    client,
    fault.judge(outcomes.get(client) as Outcome, outcomes.get('bare') as Outcome),
  ])
  return Object.fromEntries(judged)
}

function insert(text: string): void {
  const before = readFileSync(DOCS, 'utf8')
  const [begin, end] = [before.indexOf(BEGIN), before.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`${DOCS} has no place for the table: ${BEGIN} … ${END}.`)
  writeFileSync(DOCS, `${before.slice(0, begin + BEGIN.length)}\n${text}\n${before.slice(end)}`)
}
