import { byteLength } from '../../event/text.js'
import { Entry } from '../../queue/entry.js'
import { LANE, type Lane } from '../../queue/queue.js'
import { CHUNK_BYTES, DAY_MS } from './folder.js'
import { ENDED, encodeRecord, MARKS_BYTES, mostRecords, readRecords, type StoredRecord } from './record.js'

const FULL_BYTES = 1024 * 1024
/** A byte counts them. */
const MOST_ATTEMPTS = 255

/** Records on their way to a file. To write them twice does no harm: the bytes and their place are the same. */
export interface Chunk {
  readonly segment: Segment
  readonly bytes: Buffer
  readonly entries: readonly Entry[]
}

/**
 * One file of the spool. A record in it is held (its event is in memory too), parked (it is only here) or has ended;
 * when all have, the file goes.
 */
export class Segment {
  path: string
  /** Monotonic milliseconds; no live record is older. */
  oldest: number = Number.POSITIVE_INFINITY
  /** Where the next record goes. */
  bytes: number = MARKS_BYTES
  /** Of the records that have ended, so many the file tells of. */
  told: number = 0
  /** As they begin the file, as far as they are used. */
  readonly marks: Buffer
  readonly #isAdopted: boolean
  /** What is added to monotonic milliseconds to get the times of its records. */
  readonly #epoch = Date.now() - performance.now()
  #records = 0
  #live = 0
  #ended = 0
  /** For each record: 0 unless it is parked, else 1 and its lane. */
  readonly #parkedIn: Uint8Array
  readonly #parked: [number, number, number] = [0, 0, 0]
  /** Of the parked. */
  readonly #attempts: Uint8Array

  /** @param content of a file that another process wrote */
  constructor(path: string, content?: Buffer) {
    this.path = path
    this.#isAdopted = content !== undefined
    const records = content ? mostRecords(content.length) : MARKS_BYTES
    this.marks = Buffer.alloc(records)
    content?.copy(this.marks, 0, 0, records)
    this.#parkedIn = new Uint8Array(records)
    this.#attempts = new Uint8Array(records)
  }

  /** Nothing is added any more. */
  get isFull(): boolean {
    return this.#isAdopted || this.bytes >= FULL_BYTES || this.#records === MARKS_BYTES
  }

  /** Written ever; without one there is no file yet. */
  get records(): number {
    return this.#records
  }

  get isOver(): boolean {
    return this.#live === 0
  }

  /** Records that have ended since this process has the file. */
  get ended(): number {
    return this.#ended
  }

  /** Records have ended that the file does not tell of. */
  get isStale(): boolean {
    return this.told < this.#ended
  }

  get parked(): number {
    const [healthy, other, failures] = this.#parked
    return healthy + other + failures
  }

  get parkedFailures(): number {
    return this.#parked[LANE.failure]
  }

  /** As many entries as may be written at once; `undefined`: there is no room for one. */
  chunk(entries: Iterable<Entry>, room: number): Chunk | undefined {
    const lines: Buffer[] = []
    const written: Entry[] = []
    // The marks take their room with the first record.
    let bytes = this.#records === 0 ? MARKS_BYTES : 0
    for (const entry of entries) {
      const { order, lane, text } = entry
      const index = this.#records + written.length
      const line = encodeRecord({ index, order, captured: this.#epoch + entry.at, lane, text })
      bytes += line.length
      if (bytes > Math.min(room, CHUNK_BYTES) || index === MARKS_BYTES) break
      lines.push(line)
      written.push(entry)
    }
    return written.length > 0 ? { segment: this, bytes: Buffer.concat(lines), entries: written } : undefined
  }

  /** The chunk is in the file: its records are held. @returns the index of the first */
  add({ bytes, entries }: Chunk): number {
    const first = this.#records
    this.bytes += bytes.length
    this.#records += entries.length
    this.#live += entries.length
    for (const { at } of entries) this.oldest = Math.min(this.oldest, at)
    return first
  }

  /** A held record is parked. */
  park(index: number, { lane, attempts }: Entry): void {
    this.#parkedIn[index] = lane + 1
    this.#parked[lane]++
    this.#attempts[index] = Math.min(attempts, MOST_ATTEMPTS)
  }

  /** A held record ends. */
  end(index: number): void {
    this.marks[index] = ENDED
    this.#live--
    this.#ended++
  }

  /** Parks what another process wrote. */
  adopt(content: Buffer): { expired: number; damaged: number } {
    const sound = new Set<number>()
    // Of lines behind the last sound one nothing is known; others are missed by their index.
    let damaged = content.length > 0 && content.length < MARKS_BYTES ? 1 : 0
    for (const record of readRecords(content, () => true)) {
      if (!record || record.index >= this.marks.length) damaged++
      else if (!sound.has(record.index)) {
        damaged = 0
        sound.add(record.index)
        this.#records = Math.max(this.#records, record.index + 1)
        if (this.#hasEnded(record.index)) continue
        this.#live++
        this.#parkedIn[record.index] = record.lane + 1
        this.#parked[record.lane]++
      }
    }
    for (let index = 0; index < this.#records; index++) {
      if (sound.has(index) || this.#hasEnded(index)) continue
      this.#live++
      this.end(index)
      damaged++
    }
    return { expired: this.expire(content), damaged }
  }

  /**
   * Brings parked records back into memory, failures alone while there are any.
   * @param admits asked for each one, with its bytes; the first `false` ends it
   */
  bringBack(
    content: Buffer,
    admits: (bytes: number) => boolean,
  ): { back: { index: number; entry: Entry }[]; damaged: number } {
    const lanes = this.parkedFailures > 0 ? LANE.failure : LANE.healthy
    const isWanted = (index: number): boolean => (this.#parkedIn[index] as number) > lanes
    const back: { index: number; entry: Entry }[] = []
    for (const record of readRecords(content, isWanted)) {
      if (!record || !isWanted(record.index)) continue
      const entry = this.#entry(record)
      if (!admits(entry.bytes)) return { back, damaged: 0 }
      this.#unpark(record.index)
      back.push({ index: record.index, entry })
    }
    let damaged = 0
    for (let index = 0; index < this.#records; index++) {
      if (!isWanted(index)) continue
      this.#unpark(index)
      this.end(index)
      damaged++
    }
    return { back, damaged }
  }

  /** Ends parked records that are a day old. @returns how many */
  expire(content: Buffer): number {
    const earliest = performance.now() - DAY_MS
    let expired = 0
    this.oldest = Number.POSITIVE_INFINITY
    for (const record of readRecords(content, index => !this.#hasEnded(index))) {
      if (!record || this.#hasEnded(record.index)) continue
      const at = record.captured - this.#epoch
      if (at < earliest && (this.#parkedIn[record.index] as number) > 0) {
        this.#unpark(record.index)
        this.end(record.index)
        expired++
      } else this.oldest = Math.min(this.oldest, at)
    }
    return expired
  }

  #entry({ order, lane, text, index }: StoredRecord): Entry {
    // Whatever was captured elsewhere was captured before.
    return new Entry(text, byteLength(text), lane, this.#isAdopted ? -1 : order, this.#attempts[index])
  }

  #hasEnded(index: number): boolean {
    return this.marks[index] === ENDED
  }

  #unpark(index: number): void {
    this.#parked[((this.#parkedIn[index] as number) - 1) as Lane]--
    this.#parkedIn[index] = 0
  }
}
