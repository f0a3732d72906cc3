/** `pnpm bench`: measures, prints one table, keeps the raw rows. */
import { readFile } from 'node:fs/promises'
import { captionOf, linesOf } from './columns.js'
import { CONTENDERS, choose } from './contenders.js'
import { writeDocs } from './docs.js'
import { figuresOf } from './figures.js'
import { measure } from './measure.js'
import { type Options, readOptions } from './options.js'
import { endAll } from './processes/start.js'
import { showProfiles } from './profiles.js'
import { fileOf, keep, type Results } from './results.js'
import { tableOf } from './table.js'

const options = readOptions()
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => {
    endAll()
    process.exit(code)
  })

try {
  await main(options)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
} finally {
  endAll()
}

async function main({ measures, only, from, json, writeDocs: isForDocs }: Options): Promise<void> {
  if (measures.has('profile')) await showProfiles(choose(only), isForDocs)
  if (measures.has('profile') && measures.size === 1) return
  const results: Results = from
    ? JSON.parse(await readFile(from, 'utf8'))
    : await measure(choose(only), options, line => console.error(line), keep)
  if (!from) console.error(`Raw rows: ${fileOf(results)}`)
  if (json) console.log(JSON.stringify(results))
  const rows = results.contenders.flatMap(name => {
    const contender = CONTENDERS.find(one => one.name === name)
    return contender ? [figuresOf(contender, results)] : []
  })
  const text = `${tableOf(linesOf(rows))}\n\n${captionOf(results)}`
  if (!json) console.log(`\n${text}`)
  if (isForDocs) await writeDocs('table', text)
}
