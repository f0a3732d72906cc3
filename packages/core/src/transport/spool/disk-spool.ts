import { readFile, utimes } from 'node:fs/promises'
import { resolve } from 'node:path'
import { LIMITS } from '../../event/limits.js'
import { printed } from '../../log.js'
import type { Entry } from '../../queue/entry.js'
import type { DropReason } from '../../queue/ledger.js'
import { release } from './disk.js'
import { DAY_MS, Folder, isMissing, type Listed, type Listing } from './folder.js'
import { HEARTBEAT_MS } from './owner.js'
import { Saver } from './saver.js'
import { Segment } from './segment.js'
import type { Spool, SpoolParts, SpoolSettings } from './spool.js'

/** What comes back at once: a batch. */
const RETURN = { events: 499, bytes: 512 * 1024 }
/** So long a process has to end before more is brought back, where nothing else keeps it. */
const SOON_MS = 10
/** As many tell whether a sick endpoint has recovered. */
const PROBE_EVENTS = 10

/** A spool in a folder, which it may share with other processes. */
export class DiskSpool implements Spool {
  readonly #parts: SpoolParts
  readonly #folder: Folder
  readonly #saver: Saver
  #looking: Promise<void>
  #timer: ReturnType<typeof setTimeout> | undefined
  #soon: NodeJS.Timeout | undefined
  #isReady = false
  #isReturning = false
  /** Entries of the folder that are no file of any spool. */
  #foreign = 0
  /** The process may be about to end: what is on disk stays there. */
  #isResting = false
  #isClosed = false

  constructor({ folder, endpoint, siteId }: SpoolSettings, parts: SpoolParts) {
    const { ledger, warn, onLoss } = parts
    this.#parts = parts
    this.#folder = new Folder(resolve(folder), endpoint, siteId)
    this.#saver = new Saver({
      folder: this.#folder,
      ledger,
      warn,
      onLoss,
      onPark: () => this.bringBackSoon(),
    })
    this.#looking = this.#look()
  }

  get isReady(): boolean {
    return this.#isReady
  }

  keep(entry: Entry): void {
    this.#isResting = false
    this.#saver.keep(entry)
  }

  park(entry: Entry, reason: DropReason): DropReason | undefined {
    return this.#saver.park(entry, reason)
  }

  settled(entry: Entry): void {
    this.#saver.settled(entry)
  }

  async bringBack(): Promise<void> {
    if (this.#isReturning) return
    this.#isReturning = true
    try {
      for (let next = this.#next(); next && (await this.#bringBackFrom(next)); ) next = this.#next()
    } finally {
      this.#isReturning = false
    }
  }

  bringBackSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined
      void this.bringBack()
    }, SOON_MS).unref()
  }

  saved(): Promise<void> {
    return this.#saver.saved()
  }

  rest(): void {
    this.#isResting = true
  }

  async close(): Promise<void> {
    this.#stop()
    await this.#looking
    await this.#saver.stop()
    this.closeNow()
  }

  closeNow(): void {
    this.#stop()
    this.#saver.saveNow()
    for (const segment of this.#saver.segments) {
      try {
        release(segment, this.#folder.freePath())
      } catch (error) {
        if (!isMissing(error)) this.#warn(error)
      }
    }
    this.#saver.segments.clear()
  }

  #stop(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    clearTimeout(this.#soon)
  }

  /** Takes over what others left, says that this process lives, and gives up what is too old. Never rejects. */
  async #look(): Promise<void> {
    try {
      for (const segment of this.#saver.segments) await this.#tend(segment)
      const listing = await this.#folder.list()
      this.#tell(listing)
      for (const file of listing.files) {
        if (this.#isClosed) break
        if (this.#folder.isLeft(file)) await this.#adopt(file)
        else await this.#folder.sweep(file)
      }
    } catch (error) {
      this.#warn(error)
    }
    if (!this.#isReady) {
      this.#isReady = true
      this.#parts.onReady()
    }
    if (this.#isClosed) return
    this.bringBackSoon()
    this.#timer = setTimeout(() => {
      this.#looking = this.#look()
    }, HEARTBEAT_MS)
    this.#timer.unref()
  }

  async #tend(segment: Segment): Promise<void> {
    if (segment.records === 0) return
    try {
      const now = new Date()
      await utimes(segment.path, now, now)
    } catch (error) {
      this.#miss(segment, error)
    }
    const content = isOld(segment) ? await this.#read(segment) : undefined
    if (content instanceof Buffer) this.#expire(segment, content)
  }

  /** A file's content; `'changed'` where it is another one by now, `undefined` where it cannot be read. */
  async #read(segment: Segment): Promise<Buffer | 'changed' | undefined> {
    const { records } = segment
    try {
      const content = await readFile(segment.path)
      return this.#saver.segments.has(segment) && segment.records === records ? content : 'changed'
    } catch (error) {
      this.#miss(segment, error)
      return isMissing(error) ? 'changed' : undefined
    }
  }

  async #adopt(file: Listed): Promise<void> {
    const { ledger, onAdopt } = this.#parts
    let claimed: Awaited<ReturnType<Folder['claim']>>
    try {
      claimed = await this.#folder.claim(file)
    } catch (error) {
      this.#warn(error)
    }
    if (!claimed) return
    const segment = new Segment(claimed.path, claimed.content)
    const { damaged, expired } = segment.adopt(claimed.content)
    this.#saver.segments.add(segment)
    ledger.adopted += segment.parked
    ledger.spooled += segment.parked
    onAdopt(segment.parked)
    ledger.adopted += expired
    ledger.drop('expired', expired)
    ledger.adopted += damaged
    this.#dropDamaged(damaged)
    void this.#saver.save()
  }

  /** The file from which events are to come back now. */
  #next(): Segment | undefined {
    if (this.#isClosed || this.#isResting || this.#wanted() === 0) return undefined
    const parked = [...this.#saver.segments].filter(segment => segment.parked > 0)
    const failed = parked.filter(segment => segment.parkedFailures > 0)
    return (failed.length > 0 ? failed : parked).sort((a, b) => a.oldest - b.oldest)[0]
  }

  #wanted(): number {
    const { size, inFlight, room } = this.#parts.queue
    if (this.#parts.isSick()) return size + inFlight === 0 ? Math.min(PROBE_EVENTS, room.events) : 0
    return size < RETURN.events ? Math.min(RETURN.events, room.events) : 0
  }

  /** @returns whether to try again: none came back, but not for want of room */
  async #bringBackFrom(segment: Segment): Promise<boolean> {
    const { queue, ledger, onReturn } = this.#parts
    const content = await this.#read(segment)
    if (this.#isClosed || !(content instanceof Buffer)) return content === 'changed'
    const expired = this.#expire(segment, content)
    let events = this.#wanted()
    let bytes = Math.min(RETURN.bytes, queue.room.bytes)
    // An event may be larger than all that memory is to hold.
    if (queue.size + queue.inFlight === 0) bytes = Math.max(bytes, LIMITS.eventBytes)
    const { back, damaged } = segment.bringBack(content, size => {
      bytes -= size
      return events-- > 0 && bytes >= 0
    })
    ledger.spooled -= back.length + damaged
    queue.restore(back.map(({ entry }) => entry))
    for (const { entry, index } of back) this.#saver.hold(entry, segment, index)
    this.#dropDamaged(damaged)
    if (damaged > 0) {
      this.#parts.onLoss()
      void this.#saver.save()
    }
    if (back.length > 0) onReturn()
    return back.length === 0 && damaged + expired > 0
  }

  #expire(segment: Segment, content: Buffer): number {
    if (!isOld(segment)) return 0
    const { ledger, onLoss } = this.#parts
    const expired = segment.expire(content)
    ledger.spooled -= expired
    ledger.drop('expired', expired)
    if (expired > 0) {
      onLoss()
      void this.#saver.save()
    }
    return expired
  }

  #dropDamaged(count: number): void {
    if (count === 0) return
    this.#parts.ledger.drop('internal', count)
    this.#parts.warn(`the spool ${this.#folder.path} had damaged records, which are left out.`)
  }

  #miss(segment: Segment, error: unknown): void {
    if (isMissing(error)) this.#saver.lose(segment)
    else this.#warn(error)
  }

  #tell({ foreign }: Listing): void {
    const { path } = this.#folder
    if (foreign > this.#foreign) {
      this.#parts.warn(`the spool ${path} has ${foreign} foreign files, which are left alone.`)
    }
    this.#foreign = foreign
  }

  #warn(error: unknown): void {
    const { code = printed(error) } = error as NodeJS.ErrnoException
    this.#parts.warn(`the spool ${this.#folder.path} has a file that cannot be used (${code}).`)
  }
}

function isOld({ oldest }: Segment): boolean {
  return oldest < performance.now() - DAY_MS
}
