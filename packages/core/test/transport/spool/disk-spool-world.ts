import { mkdirSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, vi } from 'vitest'
import type { Entry } from '../../../src/queue/entry.js'
import { Ledger } from '../../../src/queue/ledger.js'
import { LANE, type Lane } from '../../../src/queue/queue.js'
import { DiskSpool } from '../../../src/transport/spool/disk-spool.js'
import { Folder } from '../../../src/transport/spool/folder.js'
import { encodeRecord, MARKS_BYTES } from '../../../src/transport/spool/record.js'
import { SpoolFolder } from './folder.js'
import { come, disk } from './harness.js'

export const KIB = 1024
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const PLENTY = { events: 1000, bytes: 4 * KIB * KIB }
const PLACE = { endpoint: 'https://e.test', siteId: 'site' }

export let place: SpoolFolder
/** Of those who were here before. */
let before: Folder
export let ledger: Ledger
export let lines: string[]
export let told: string[]
export let queue: { size: number; inFlight: number; room: { events: number; bytes: number }; back: Entry[] }
/** What a test sets: the queue, and whether the endpoint is sick. */
export const endpoint: { isSick: boolean } = { isSick: false }
export let spool: DiskSpool

/** Before each test: a folder, and a clock that stands. */
export function useDiskSpool(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
    place = new SpoolFolder()
    mkdirSync(place.path)
    before = new Folder(place.path, PLACE.endpoint, PLACE.siteId)
    ledger = new Ledger()
    lines = []
    told = []
    queue = { size: 0, inFlight: 0, room: PLENTY, back: [] }
    endpoint.isSick = false
  })
  afterEach(async () => {
    await spool.close()
    vi.useRealTimers()
    await place[Symbol.asyncDispose]()
  })
}

/** A file that a process which is gone has left. */
export function leave(texts: readonly string[], lane: Lane = LANE.healthy, age = 0): string {
  const path = before.freePath()
  const captured = Date.now() - age
  const records = texts.map((text, index) => encodeRecord({ index, order: index, captured, lane, text }))
  writeFileSync(path, Buffer.concat([Buffer.alloc(MARKS_BYTES), ...records]))
  return path
}
export const many = (count: number, text = 'e'): string[] => Array.from({ length: count }, (_, n) => text + n)

export function open(): void {
  spool = new DiskSpool(
    { folder: place.path, ...PLACE },
    {
      queue: {
        get size() {
          return queue.size
        },
        get inFlight() {
          return queue.inFlight
        },
        get room() {
          return queue.room
        },
        restore: entries => void queue.back.push(...entries),
      },
      ledger,
      warn: line => void lines.push(line.replaceAll(place.path, '<folder>')),
      isSick: () => endpoint.isSick,
      onAdopt: count => void told.push(`adopted ${count}`),
      onReady: () => void told.push('ready'),
      onReturn: () => void told.push('back'),
      onLoss: () => void told.push('lost'),
    },
  )
}

/** A spool that has taken over what others left, and brought nothing back. */
export async function ready(): Promise<void> {
  open()
  await come(() => spool.isReady)
  told.length = 0
}
export async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
  await disk(20)
}
export const back = (): string =>
  queue.back
    .splice(0)
    .map(({ text }) => text)
    .join(' ')
