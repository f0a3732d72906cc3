import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Storm } from '../../src/capture/storm.js'
import { createRecorder } from '../../src/testing.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function admitted(storm: Storm, key: string, times: number): number {
  return Array.from({ length: times }, () => storm.admit(key)).filter(answer => answer !== undefined).length
}

describe('a storm of equal exceptions', () => {
  it('passes ten a minute whole', () => {
    const storm = new Storm()
    expect(admitted(storm, 'a', 50)).toBe(10)
    expect(admitted(storm, 'b', 5)).toBe(5)
    vi.advanceTimersByTime(60_000)
    expect(admitted(storm, 'a', 50)).toBe(10)
  })

  it('is told of by the next one that passes', () => {
    const storm = new Storm()
    admitted(storm, 'a', 50)
    vi.advanceTimersByTime(60_000)
    expect(storm.admit('a')).toBe(40)
    expect(storm.admit('a')).toBe(0)
  })

  it('is told of at the end where no next one came', () => {
    const storm = new Storm()
    admitted(storm, 'a', 13)
    admitted(storm, 'b', 11)
    expect(storm.takeUntold()).toBe(4)
    expect(storm.takeUntold()).toBe(0)
  })

  it('of ever new exceptions costs bounded memory and no count', () => {
    const storm = new Storm()
    admitted(storm, 'first', 12)
    for (let i = 0; i < 2000; i++) storm.admit(`key ${i}`)
    expect(storm.takeUntold()).toBe(2)
  })
})

describe('a client', () => {
  it('counts what it did not send, and says so with the next', () => {
    const client = createRecorder()
    const fail = (): void => client.captureException(new Error('again'))
    for (let i = 0; i < 15; i++) fail()
    expect(client.events).toHaveLength(10)
    expect(client.stats()).toMatchObject({ captured: 15, dropped: { repeated: 5 } })
    vi.advanceTimersByTime(60_000)
    fail()
    expect(client.events.at(-1)?.properties.repeated).toBe(5)
  })

  it('takes errors from another place, of another type or with another message for others', () => {
    const client = createRecorder()
    for (let i = 0; i < 30; i++) client.captureException(new Error(`number ${i}`))
    expect(client.events).toHaveLength(30)
  })
})
