import { identity, type Row, type Store } from '../store/store.js'

/** Inserts begin at least this far apart, so that the store gets few and large ones. */
const INTERVAL_MS = 200
const MOST_ROWS = 1000

interface Entry {
  rows: readonly Row[]
  since: number
  resolve(): void
  reject(error: unknown): void
}

/** What was stored by one insert. */
export interface Stored {
  events: number
  /** Milliseconds from the oldest row's receipt to its being durable. */
  lag: number
}

export interface Gatherer {
  /** Resolves when the rows are durable; those stored before are not stored again. Rejects when they are not durable. */
  add(rows: readonly Row[]): Promise<void>
  /** Milliseconds that the oldest waiting row has waited, or the last insert's while none waits. */
  lag(): number
  /** Whether the last insert failed. */
  readonly failing: boolean
  /** Stores what was gathered, at once. */
  close(): Promise<void>
}

/**
 * Gathers rows of concurrent requests into one insert. Only one insert is under way at a time,
 * which makes "look up, then insert" safe: an event id is stored once, the first one wins.
 */
export function createGatherer(store: Store, onStored: (stored: Stored) => void): Gatherer {
  const waiting: Entry[] = []
  let storing: Entry[] = []
  let timer: NodeJS.Timeout | undefined
  let lastStart = Number.NEGATIVE_INFINITY
  let lastLag = 0
  let failing = false
  let closed = false
  let idle: (() => void)[] = []

  async function insert(entries: readonly Entry[]): Promise<number> {
    const rows = new Map<string, Row>()
    for (const entry of entries)
      for (const row of entry.rows) {
        const id = identity(row)
        if (!rows.has(id)) rows.set(id, row)
      }
    if (rows.size === 0) return 0
    for (const id of await store.existing([...rows.values()])) rows.delete(id)
    if (rows.size > 0)
      await store.insert(
        'events',
        [...rows.values()].map(row => JSON.stringify(row)),
      )
    return rows.size
  }

  async function settle(entries: readonly Entry[]): Promise<void> {
    try {
      const events = await insert(entries)
      failing = false
      lastLag = Math.round(performance.now() - Math.min(...entries.map(entry => entry.since)))
      for (const entry of entries) entry.resolve()
      if (events > 0) onStored({ events, lag: lastLag })
    } catch (error) {
      // Alone, one request's rows cannot take the others' down.
      if (entries.length > 1) for (const entry of entries) await settle([entry])
      else {
        failing = true
        for (const entry of entries) entry.reject(error)
      }
    }
  }

  function take(): Entry[] {
    let rows = 0
    const end = waiting.findIndex(entry => {
      rows += entry.rows.length
      return rows > MOST_ROWS
    })
    return waiting.splice(0, end === -1 ? waiting.length : Math.max(end, 1))
  }

  async function run(): Promise<void> {
    timer = undefined
    lastStart = performance.now()
    storing = take()
    await settle(storing)
    storing = []
    if (waiting.length > 0) schedule()
    else {
      for (const done of idle) done()
      idle = []
    }
  }

  function schedule(): void {
    const full = waiting.reduce((sum, entry) => sum + entry.rows.length, 0) >= MOST_ROWS
    const wait = full || closed ? 0 : Math.max(0, lastStart + INTERVAL_MS - performance.now())
    clearTimeout(timer)
    timer = setTimeout(() => void run(), wait)
  }

  return {
    add: rows =>
      new Promise((resolve, reject) => {
        waiting.push({ rows, since: performance.now(), resolve, reject })
        if (storing.length === 0) schedule()
      }),
    lag() {
      const oldest = storing[0] ?? waiting[0]
      return oldest ? Math.round(performance.now() - oldest.since) : lastLag
    },
    get failing() {
      return failing
    },
    async close() {
      closed = true
      if (storing.length === 0 && waiting.length > 0) schedule()
      if (storing.length > 0 || waiting.length > 0) await new Promise<void>(resolve => idle.push(resolve))
    },
  }
}
