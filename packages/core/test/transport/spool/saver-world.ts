import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, vi } from 'vitest'
import type { Entry } from '../../../src/queue/entry.js'
import { Ledger } from '../../../src/queue/ledger.js'
import { Folder } from '../../../src/transport/spool/folder.js'
import { ENDED, readRecords } from '../../../src/transport/spool/record.js'
import { Saver } from '../../../src/transport/spool/saver.js'
import type { Segment } from '../../../src/transport/spool/segment.js'
import { entryOf } from './entries.js'
import { SpoolFolder } from './folder.js'

const MIB = 1024 * 1024

export let place: SpoolFolder
let folder: Folder
export let ledger: Ledger
export let lines: string[]
export let parked: number
export let losses: number
export let saver: Saver

/** Before each test: a saver with a folder of its own, and a clock that stands. */
export function useSaver(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
    place = new SpoolFolder()
    folder = new Folder(place.path, 'https://e.test', 'site')
    ledger = new Ledger()
    lines = []
    parked = 0
    losses = 0
    saver = new Saver({
      folder,
      ledger,
      warn: line => void lines.push(line),
      onPark: () => void parked++,
      onLoss: () => void losses++,
    })
  })
  afterEach(async () => {
    await saver.stop()
    vi.useRealTimers()
    await place[Symbol.asyncDispose]()
  })
}

/** What the files tell, in the order of their making. */
export const records = (isLive = true): string[] =>
  place.paths
    .toSorted((a, b) => Number(/(\d+)\.spool$/.exec(a)?.[1]) - Number(/(\d+)\.spool$/.exec(b)?.[1]))
    .flatMap(path => {
      const content = readFileSync(path)
      const wanted = (index: number): boolean => !isLive || content[index] !== ENDED
      return [...readRecords(content, wanted)].map(record => record?.text ?? 'damaged')
    })

export function keep(...texts: string[]): Entry[] {
  const entries = texts.map(text => entryOf(text))
  for (const entry of entries) saver.keep(entry)
  return entries
}

/** Events that are in memory and on disk. */
export async function held(...texts: string[]): Promise<[Entry, ...Entry[]]> {
  const entries = keep(...texts)
  await saver.saved()
  return entries as [Entry, ...Entry[]]
}

export const only = (): Segment => {
  const [segment] = saver.segments
  return segment as Segment
}

/** Leaves so many bytes of the 16 MiB. */
export function fill(bytes: number): string[] {
  mkdirSync(place.path, { recursive: true })
  const paths = Array.from({ length: 8 }, () => folder.freePath())
  for (const [index, path] of paths.entries()) {
    writeFileSync(path, '')
    truncateSync(path, 2 * MIB - (index === 0 ? bytes : 0))
  }
  return paths
}
export const empty = (paths: string[]): void => {
  for (const path of paths) rmSync(path)
}
