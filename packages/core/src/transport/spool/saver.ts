import { printed, type Warn } from '../../log.js'
import type { Entry } from '../../queue/entry.js'
import type { DropReason } from '../../queue/ledger.js'
import { append, appendNow, update } from './disk.js'
import { type Folder, isMissing } from './folder.js'
import { type Chunk, Segment } from './segment.js'
import type { SpoolLedger } from './spool.js'

export interface SaverParts {
  readonly folder: Folder
  readonly ledger: SpoolLedger
  readonly warn: Warn
  /** Events that had left the queue are on disk now. */
  onPark(): void
  /** Events have been lost that were here and not in the queue. */
  onLoss(): void
}

/** With this an event is on disk within a second of its capture. */
const SAVE_MS = 100
/** What has left the queue and is not on disk yet may hold so much memory. */
const LEAVING_BYTES = 2 * 1024 * 1024
const NO_ROOM: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** Brings what is in memory to disk, and what became of it; one write at a time, none of which is waited for. */
export class Saver {
  readonly segments: Set<Segment> = new Set<Segment>()
  readonly #parts: SaverParts
  /** Records are added to this one. */
  #active: Segment | undefined
  /** In memory and not on disk; those with a reason have left the queue for it. */
  readonly #unsaved = new Map<Entry, DropReason | undefined>()
  /** In memory and on disk. */
  readonly #saved = new Map<Entry, { segment: Segment; index: number }>()
  #leavingBytes = 0
  #writing: Chunk | undefined
  #saving: Promise<void> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** The last attempt to write failed. */
  #trouble: 'full' | 'broken' | undefined
  #isStopped = false

  constructor(parts: SaverParts) {
    this.#parts = parts
  }

  /** An event has come into the queue. */
  keep(entry: Entry): void {
    this.#unsaved.set(entry, undefined)
    this.#saveLater()
  }

  /** A record has come back into the queue. */
  hold(entry: Entry, segment: Segment, index: number): void {
    this.#saved.set(entry, { segment, index })
  }

  /** An event leaves the queue undelivered. @returns why it is lost, unless it is kept */
  park(entry: Entry, reason: DropReason): DropReason | undefined {
    const place = this.#saved.get(entry)
    if (place) {
      this.#saved.delete(entry)
      place.segment.park(place.index, entry)
      this.#parts.ledger.spooled++
      return undefined
    }
    if (this.#trouble === 'full') return 'spool_full'
    const isTooMuch = reason === 'queue_full' && this.#leavingBytes + entry.bytes > LEAVING_BYTES
    if (this.#trouble || this.#isStopped || isTooMuch) return reason
    this.#unsaved.set(entry, reason)
    this.#leavingBytes += entry.bytes
    this.#parts.ledger.leaving++
    void this.save()
    return undefined
  }

  /** An event has ended. */
  settled(entry: Entry): void {
    this.#unsaved.delete(entry)
    const place = this.#saved.get(entry)
    if (!place) return
    this.#saved.delete(entry)
    place.segment.end(place.index)
    // Should the process be killed now, the next one is not to send it again.
    void this.save()
  }

  /** The file of a segment is gone. */
  lose(segment: Segment): void {
    if (!this.segments.delete(segment)) return
    for (const [entry, place] of this.#saved) {
      if (place.segment !== segment) continue
      this.#saved.delete(entry)
      this.keep(entry)
    }
    const { ledger, folder, warn, onLoss } = this.#parts
    if (segment.parked === 0) return
    ledger.spooled -= segment.parked
    ledger.drop('internal', segment.parked)
    onLoss()
    warn(`a file of the spool ${folder.path} is gone, and its events with it.`)
  }

  save(): Promise<void> {
    this.#saving ??= this.#saveAll().finally(() => {
      this.#saving = undefined
      this.#saveAgain()
    })
    return this.#saving
  }

  /** Everything is as it is at the call. */
  async saved(): Promise<void> {
    await this.#saving
    await this.save()
  }

  /** Saves a last time. */
  stop(): Promise<void> {
    this.#isStopped = true
    return this.saved()
  }

  /** Saves what has left the queue while the process waits. */
  saveNow(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
    this.#trouble = undefined
    // A write under way may still come to its end or not: it is made once more.
    while ((this.#writing || this.#unsaved.size > 0) && !this.#trouble) this.#writeNow()
  }

  async #saveAll(): Promise<void> {
    this.#trouble = undefined
    while (this.#unsaved.size > 0 && !this.#trouble) await this.#write()
    for (const segment of this.segments) {
      if (segment.isStale || segment.isOver) await this.#update(segment)
    }
  }

  async #write(): Promise<void> {
    const { folder } = this.#parts
    try {
      const chunk = this.#nextChunk(folder.room(await folder.list()))
      if (!chunk) return
      this.#writing = chunk
      await append(chunk)
      if (this.#writing === chunk) this.#written(chunk)
    } catch (error) {
      this.#fail(error, this.#writing?.segment)
    }
  }

  #writeNow(): void {
    const { folder } = this.#parts
    try {
      this.#writing ??= this.#nextChunk(folder.room(folder.listNow()))
      if (!this.#writing) return
      appendNow(this.#writing)
      this.#written(this.#writing)
    } catch (error) {
      this.#fail(error, this.#writing?.segment)
    }
  }

  async #update(segment: Segment): Promise<void> {
    const { isOver } = segment
    if (isOver && this.#active === segment) this.#active = undefined
    try {
      await update(segment)
    } catch (error) {
      if (!this.segments.has(segment)) return
      if (!isOver || !isMissing(error)) {
        this.#fail(error, segment)
        return
      }
    }
    if (isOver) this.segments.delete(segment)
  }

  #saveAgain(): void {
    if (this.#isStopped) return
    const isStale = [...this.segments].some(segment => segment.isStale)
    if (this.#trouble === undefined && (this.#parts.ledger.leaving > 0 || isStale)) void this.save()
    else if (this.#unsaved.size > 0 || isStale) this.#saveLater()
  }

  #saveLater(): void {
    if (this.#timer || this.#isStopped) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.save()
    }, SAVE_MS)
    this.#timer.unref()
  }

  #nextChunk(room: number): Chunk | undefined {
    const active = this.#active
    const isUsable = active !== undefined && this.segments.has(active) && !active.isFull
    const segment = isUsable ? active : new Segment(this.#parts.folder.newPath())
    const chunk = segment.chunk(this.#unsaved.keys(), room)
    if (chunk) {
      this.#active = segment
      this.segments.add(segment)
    } else if (this.#unsaved.size > 0) this.#fail('full')
    return chunk
  }

  #written({ segment, entries, ...chunk }: Chunk): void {
    this.#writing = undefined
    if (!this.segments.has(segment)) return
    let index = segment.add({ segment, entries, ...chunk })
    for (const entry of entries) {
      const reason = this.#unsaved.get(entry)
      const isInMemory = this.#unsaved.delete(entry)
      this.#saved.set(entry, { segment, index: index++ })
      if (!isInMemory) this.settled(entry)
      else if (reason !== undefined) {
        this.#forgetLeaving(entry)
        this.park(entry, reason)
        this.#parts.onPark()
      }
    }
  }

  #fail(error: unknown, segment?: Segment): void {
    this.#writing = undefined
    if (segment && segment.records > 0 && isMissing(error)) {
      this.lose(segment)
      return
    }
    const { folder, ledger, warn, onLoss } = this.#parts
    const { code = printed(error) } = error as NodeJS.ErrnoException
    if (error === 'full' || NO_ROOM.has(code)) {
      this.#trouble = 'full'
      warn(`the spool ${folder.path} is full: events that have to go there are dropped.`)
    } else {
      this.#trouble = 'broken'
      warn(`the spool ${folder.path} cannot be written (${code}): events are in memory only.`)
    }
    // What has left the queue cannot wait for better times.
    let lost = 0
    for (const [entry, reason] of this.#unsaved) {
      if (reason === undefined) continue
      this.#unsaved.delete(entry)
      this.#forgetLeaving(entry)
      ledger.drop(this.#trouble === 'full' ? 'spool_full' : reason)
      lost++
    }
    if (lost > 0) onLoss()
  }

  #forgetLeaving({ bytes }: Entry): void {
    this.#leavingBytes -= bytes
    this.#parts.ledger.leaving--
  }
}
