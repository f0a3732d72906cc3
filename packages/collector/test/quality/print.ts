// `pnpm --filter @justanalytics/collector quality`: how well errors are grouped. `--why` shows each mistake.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { App } from './builds.js'
import { explain, judge, type Observation, observe } from './measure.js'

const kind = (name: string) => (each: Observation) => each.build.startsWith(name)

console.log('Pairs of errors, thrown by builds of several kinds and by later ones of each')
await print('shop', 'that the rules were made with')
await print('desk', 'held out at first')

async function print(app: App, what: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'grouping-quality-'))
  try {
    const { mapped, bare } = await observe(app, folder)
    console.log(`\n${`${app}, ${what}`.padEnd(35)} faults  thrown  groups  precision  recall`)
    show('with source maps, all builds', mapped)
    show('without, all builds', bare)
    show('without, files of their own', bare.filter(kind('plain')))
    show('without, bundled', bare.filter(kind('bundled')))
    show('without, bundled and minified', bare.filter(kind('minified')))
    show("without, Node's own maps", bare.filter(kind("Node's own maps")))
    if (process.argv.includes('--why'))
      console.log(['', 'With source maps:', ...explain(mapped), '', 'Without:', ...explain(bare)].join('\n'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function show(name: string, observations: readonly Observation[]): void {
  const { faults, observations: thrown, groups, precision, recall } = judge(observations)
  const counts = [faults, thrown, groups].map(count => String(count).padStart(6)).join('  ')
  console.log(`${name.padEnd(35)} ${counts}  ${precision.toFixed(4).padStart(9)}  ${recall.toFixed(4)}`)
}
