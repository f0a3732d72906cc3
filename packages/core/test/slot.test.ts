import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { createSlot } from '../src/slot.js'

it('holds a value for each object, frozen or a function, and nothing for others', () => {
  const slot = createSlot<number>()
  const owners = [{}, Object.freeze([]), () => {}]
  for (const [index, owner] of owners.entries()) slot.set(owner, index)
  slot.set(owners[0] as object, 7)
  expect(owners.map(owner => slot.get(owner))).toEqual([7, 1, 2])
  expect(slot.get({})).toBeUndefined()
})

it('is apart from every other slot', () => {
  const [one, other] = [createSlot<string>(), createSlot<string>()]
  const owner = {}
  one.set(owner, 'one')
  expect(other.get(owner)).toBeUndefined()
  other.set(owner, 'other')
  expect(one.get(owner)).toBe('one')
})

it('shows on its owner in no way', () => {
  const owner = { a: 1 }
  createSlot<string>().set(owner, 'hidden')
  expect(Reflect.ownKeys(owner)).toEqual(['a'])
  expect(JSON.stringify(owner)).toBe('{"a":1}')
  expect(Object.getPrototypeOf(owner)).toBe(Object.prototype)
  expect({ ...owner }).toEqual({ a: 1 })
})

it('does not keep its owners', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const slot = createSlot<object>()
  const references = Array.from({ length: 100 }, () => {
    const owner = {}
    slot.set(owner, { owner })
    return new WeakRef(owner)
  })
  // A WeakRef holds its target to the end of the turn.
  await new Promise(resolve => setImmediate(resolve))
  collect()
  expect(references.filter(reference => reference.deref()).length).toBeLessThan(5)
})
