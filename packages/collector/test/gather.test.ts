import { describe, expect, it } from 'vitest'
import type { Refusal } from '../src/errors.js'
import { createBudget } from '../src/ingest/budget.js'
import { createGatherer, type Stored } from '../src/ingest/gather.js'
import { identity, type Row, type Store } from '../src/store/store.js'

const row = (event_id: string, site = 's'): Row => ({ site, event_id })

/** A store in memory whose inserts can be made to fail. */
function createFakeStore() {
  const rows: Row[] = []
  const inserts: number[] = []
  const fake = { rows, inserts, underWay: 0, most: 0, fails: (_: readonly Row[]) => false }
  const store: Store = {
    name: 'embedded',
    async existing(asked) {
      fake.most = Math.max(fake.most, ++fake.underWay)
      const known = new Set(rows.map(identity))
      return new Set(asked.map(identity).filter(id => known.has(id)))
    },
    async insert(_, lines) {
      await new Promise(resolve => setImmediate(resolve))
      fake.underWay--
      const added = lines.map(line => JSON.parse(line) as Row)
      if (fake.fails(added)) throw new Error('no room')
      inserts.push(added.length)
      rows.push(...added)
    },
    query: async () => [],
    close: async () => {},
  }
  return { store, fake }
}

describe('gathering', () => {
  it('stores what comes at the same time in few inserts, one after the other', async () => {
    const { store, fake } = createFakeStore()
    const told: Stored[] = []
    const gatherer = createGatherer(store, stored => told.push(stored))
    await Promise.all(Array.from({ length: 1000 }, (_, i) => gatherer.add([row(`e${i}`)])))
    expect(fake.rows).toHaveLength(1000)
    expect(fake.inserts.length).toBeLessThanOrEqual(2)
    expect(fake.most).toBe(1)
    expect(told.reduce((sum, { events }) => sum + events, 0)).toBe(1000)
  })

  it('takes one site’s id for another’s event as little as for none', async () => {
    const { store, fake } = createFakeStore()
    const gatherer = createGatherer(store, () => {})
    await gatherer.add([row('a', 's1'), row('a', 's2'), row('a', 's1')])
    expect(fake.rows.map(identity)).toEqual(['s1\na', 's2\na'])
  })

  it('fails the one whose rows the store refuses, not those gathered beside', async () => {
    const { store, fake } = createFakeStore()
    fake.fails = rows => rows.some(({ event_id }) => event_id === 'poison')
    const gatherer = createGatherer(store, () => {})
    const results = await Promise.allSettled(['a', 'poison', 'b'].map(id => gatherer.add([row(id)])))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(fake.rows.map(({ event_id }) => event_id)).toEqual(['a', 'b'])
  })

  it('says that it fails, and that it works again', async () => {
    const { store, fake } = createFakeStore()
    const gatherer = createGatherer(store, () => {})
    fake.fails = () => true
    await expect(gatherer.add([row('a')])).rejects.toThrow('no room')
    expect(gatherer.failing).toBe(true)
    fake.fails = () => false
    await gatherer.add([row('a')])
    expect(gatherer.failing).toBe(false)
    expect(fake.rows).toHaveLength(1)
  })

  it('stores at once what waits when it is closed', async () => {
    const { store, fake } = createFakeStore()
    const gatherer = createGatherer(store, () => {})
    await gatherer.add([row('first')])
    const waiting = gatherer.add([row('second')])
    await gatherer.close()
    await waiting
    expect(fake.rows).toHaveLength(2)
    await gatherer.close()
  })
})

describe('the budget', () => {
  const statusOf = (task: () => void) => {
    try {
      task()
    } catch (error) {
      const refusal = error as Refusal
      return [refusal.status, refusal.headers['Retry-After']]
    }
  }

  it('gives one key half of it, and answers 429 beyond', () => {
    const budget = createBudget(100)
    const share = budget.open('a')
    share.take(50)
    expect(statusOf(() => share.take(1))).toEqual([429, '1'])
    expect(statusOf(() => budget.open('a').take(1))).toEqual([429, '1'])
    budget.open('b').take(40)
  })

  it('answers 503 when all of it is held', () => {
    const budget = createBudget(100)
    budget.open('a').take(50)
    budget.open('b').take(50)
    expect(statusOf(() => budget.open('c').take(1))).toEqual([503, '1'])
  })

  it('takes back what is released, once', () => {
    const budget = createBudget(100)
    const share = budget.open('a')
    for (let round = 0; round < 10; round++) {
      share.take(50)
      share.release()
      share.release()
    }
    budget.open('a').take(50)
  })
})
