import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Ending } from './fleet.js'
import type { Machine } from './machine.js'
import type { Install } from './measures/install.js'
import type { PacedSlice, Slice } from './measures/slices.js'
import type { StartUp } from './measures/start-up.js'

/** The raw rows of one run; what was not measured is not there. */
export interface Results {
  readonly date: string
  readonly machine: Machine
  readonly rounds: number
  readonly seconds: number
  /** In the table's order. */
  readonly contenders: readonly string[]
  up?: readonly Slice[]
  paced?: readonly PacedSlice[]
  /** A row for each fleet with a sink that was up. */
  delivered?: readonly Delivered[]
  down?: readonly Slice[]
  silent?: readonly Slice[]
  /** With the silent sink. */
  endings?: readonly Ending[]
  startUps?: readonly StartUp[]
  installs?: readonly Install[]
}

export interface Delivered {
  readonly contender: string
  readonly requests: number
  /** How many of them the sink has been told of by the end of the process. */
  readonly reported: number
}

const folder = join(import.meta.dirname, '../results')

/** Where a run's rows are kept: `bench/results/<date>.json`. */
export function fileOf({ date }: Results): string {
  return relative(process.cwd(), join(folder, `${date.replaceAll(':', '-')}.json`))
}

export async function keep(results: Results): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(fileOf(results), `${JSON.stringify(results)}\n`)
}
