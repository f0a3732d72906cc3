import type { Warn } from '../../log.js'
import type { Entry } from '../../queue/entry.js'
import type { Ledger } from '../../queue/ledger.js'
import type { Keeper, Queue } from '../../queue/queue.js'

export interface SpoolSettings {
  readonly folder: string
  readonly endpoint: string
  readonly siteId: string
}

/** What the spool works with and whom it tells. */
export interface SpoolParts {
  readonly queue: Pick<Queue, 'size' | 'inFlight' | 'room' | 'restore'>
  readonly ledger: SpoolLedger
  readonly warn: Warn
  /** The endpoint takes nothing just now. */
  isSick(): boolean
  /** Events of another process have been taken over. */
  onAdopt(count: number): void
  /** What other processes left when this one started has been taken over. */
  onReady(): void
  /** Events have come back into the queue. */
  onReturn(): void
  /** Events have been lost that were not in the queue. */
  onLoss(): void
}

export type SpoolLedger = Pick<Ledger, 'adopted' | 'spooled' | 'leaving' | 'drop'>

/** Keeps events where they outlive the process: beside the queue, and instead of it where they have no place in it. */
export interface Spool extends Keeper {
  /** What other processes left when this one started has been taken over. */
  readonly isReady: boolean
  /** An event in memory has been delivered or dropped. */
  settled(entry: Entry): void
  /** Brings events back into memory, if there is room and the endpoint takes them. Never rejects. */
  bringBack(): Promise<void>
  /** The same, unless the process has nothing else to do: it is not kept for this. */
  bringBackSoon(): void
  /** Resolves when the disk tells what has ended until now. Never rejects. */
  saved(): Promise<void>
  /** Until the next event nothing is brought back. */
  rest(): void
  /** Saves what has left the queue and lets go of all files. Never rejects. */
  close(): Promise<void>
  /** The same while the process waits. */
  closeNow(): void
}
