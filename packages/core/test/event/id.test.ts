import fc from 'fast-check'
import { expect, it } from 'vitest'
import { newId } from '../../src/event/id.js'

const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const timeOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)

it('is a UUID of version 7 that tells its time', () => {
  const now = Date.now() + 1000
  const id = newId(now)
  expect(id).toMatch(UUID_7)
  expect(timeOf(id)).toBe(now)
})

it('is new and greater every time, however many a millisecond has', () => {
  const ids = Array.from({ length: 50_000 }, () => newId())
  expect(ids.every(id => UUID_7.test(id))).toBe(true)
  expect(ids).toEqual(ids.toSorted())
  expect(new Set(ids).size).toBe(ids.length)
})

it('is greater than the one before, whatever the clock tells', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.double(), fc.integer({ min: 0, max: 2 ** 42 }))), times => {
      const ids = times.map(newId)
      expect(ids).toEqual(ids.toSorted())
      expect(ids.every(id => UUID_7.test(id))).toBe(true)
    }),
  )
})

it('shares no random part with another', () => {
  const tails = Array.from({ length: 5000 }, () => newId().slice(19))
  expect(new Set(tails).size).toBe(tails.length)
})
