import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Stats } from '@justanalytics/core'

/** One process leaves a spool behind; something befalls it; another one starts. */
export interface SpoolCase {
  readonly name: string
  /** What the first does, an act of `apps/script.mjs`; its endpoint is refused. Default `capture some`. */
  readonly first?: string
  /** How many at once do it. Default 1. */
  readonly firsts?: number
  readonly befalls?: (folder: string) => void
  /** Where the spool of both is to be, below a folder of its own. Default `spool`. */
  readonly at?: string
  /** What the second does; its endpoint is up. Default `send what is there`. */
  readonly second?: string
  readonly seconds?: number
  /** Bytes that a file of the second may have: a full disk, as the process sees it. */
  readonly fileLimit?: number
  readonly site?: string
  /** Of all second ones together. */
  readonly expect: Partial<Omit<Stats, 'dropped'>> & { readonly dropped?: Stats['dropped'] }
  /** Distinct events that arrive. */
  readonly arrive: number
  /** What the second one warns of. Default nothing. */
  readonly warnings?: readonly RegExp[]
  /** Files that are in the folder in the end. Default none. */
  readonly left?: number
}

const SOME = 20
const ALL = { adopted: SOME, delivered: SOME, dropped: {} }

const files = (folder: string): string[] => readdirSync(folder).map(name => join(folder, name))
const first = (folder: string): string => files(folder)[0] as string
const size = (path: string): number => readFileSync(path).length
/** A name as the client gives, of another file. */
const otherName = (path: string): string => path.replace(/[0-9a-f]{12}-\d+\.spool$/, '0123456789ab-9.spool')

export const spoolCases: readonly SpoolCase[] = [
  { name: 'a process that ends by itself leaves everything to the next', expect: ALL, arrive: SOME },
  {
    name: 'a killed process leaves everything to the next',
    first: 'capture some, and be killed a second later',
    expect: ALL,
    arrive: SOME,
  },
  {
    name: 'a crash leaves everything to the next',
    first: 'throw later',
    expect: { adopted: 1, delivered: 1, dropped: {} },
    arrive: 1,
  },
  {
    name: 'process.exit leaves everything to the next',
    first: 'call process.exit',
    expect: { adopted: 1, delivered: 1, dropped: {} },
    arrive: 1,
  },
  {
    name: 'several killed processes leave everything to several that start at once: each event once',
    first: 'capture some, and be killed a second later',
    firsts: 3,
    seconds: 3,
    expect: { adopted: 3 * SOME, delivered: 3 * SOME, dropped: {} },
    arrive: 3 * SOME,
  },
  {
    name: 'the spool of another site is left alone',
    site: 'another',
    expect: { adopted: 0, delivered: 0, dropped: {} },
    arrive: 0,
    left: 1,
  },
  {
    name: 'a record cut in its middle costs that one',
    befalls: folder => truncateSync(first(folder), size(first(folder)) - 50),
    expect: { adopted: SOME, delivered: SOME - 1, dropped: { internal: 1 } },
    arrive: SOME - 1,
    warnings: [/damaged records/],
  },
  {
    name: 'a flipped byte costs that record',
    befalls: folder => {
      const bytes = readFileSync(first(folder))
      const at = bytes.length - 100
      bytes[at] = (bytes[at] ?? 0) ^ 1
      writeFileSync(first(folder), bytes)
    },
    expect: { adopted: SOME, delivered: SOME - 1, dropped: { internal: 1 } },
    arrive: SOME - 1,
    warnings: [/damaged records/],
  },
  {
    name: 'garbage behind the records costs none',
    befalls: folder => appendFileSync(first(folder), Buffer.from([0, 255, 13, 10, 0, 10])),
    expect: { delivered: SOME },
    arrive: SOME,
    warnings: [/damaged records/],
  },
  {
    name: 'an empty file in a file’s place is nothing',
    befalls: folder => truncateSync(first(folder), 0),
    expect: { delivered: 0 },
    arrive: 0,
  },
  {
    name: 'foreign files are left alone, and told of once',
    befalls: folder => {
      writeFileSync(join(folder, 'notes.txt'), 'mine')
      writeFileSync(join(folder, 'x.spool'), 'mine too')
    },
    expect: ALL,
    arrive: SOME,
    warnings: [/2 foreign files/],
    left: 2,
  },
  {
    name: 'a folder in a file’s place is left alone',
    befalls: folder => mkdirSync(otherName(first(folder))),
    expect: ALL,
    arrive: SOME,
    warnings: [/foreign|cannot be used/],
    left: 1,
  },
  {
    name: 'a link in a file’s place is not followed',
    befalls: folder => symlinkSync('/etc/hostname', otherName(first(folder))),
    expect: ALL,
    arrive: SOME,
    warnings: [/foreign|cannot be used/],
    left: 1,
  },
  {
    name: 'a spool of 64 MiB of nonsense is not read into memory',
    befalls: folder => truncateSync(otherNamed(folder), 64 * 1024 * 1024),
    expect: { delivered: SOME },
    arrive: SOME,
    warnings: [/foreign|damaged|cannot be used/],
    left: 1,
  },
  {
    name: 'a full disk: events stay in memory and are delivered',
    befalls: empty,
    second: 'capture some, and flush when they should be on disk',
    fileLimit: 0,
    expect: { captured: SOME, delivered: SOME, dropped: {} },
    arrive: SOME,
    warnings: [/is full|cannot be written/],
  },
  {
    name: 'a folder that cannot be made: events stay in memory and are delivered',
    first: 'do nothing',
    at: 'file/spool',
    second: 'capture some and flush',
    expect: { captured: SOME, delivered: SOME, dropped: {} },
    arrive: SOME,
    warnings: [/cannot be/],
  },
  {
    name: 'a file in the folder’s place: events stay in memory and are delivered',
    first: 'do nothing',
    at: 'file',
    second: 'capture some and flush',
    expect: { captured: SOME, delivered: SOME, dropped: {} },
    arrive: SOME,
    warnings: [/cannot be/],
  },
]

function empty(folder: string): void {
  for (const path of files(folder)) truncateSync(path, 0)
}

function otherNamed(folder: string): string {
  const path = otherName(first(folder))
  writeFileSync(path, '')
  return path
}
