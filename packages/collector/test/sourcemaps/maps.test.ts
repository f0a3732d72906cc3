import { expect, it } from 'vitest'
import { createSourceMaps, type MapName } from '../../src/sourcemaps/maps.js'
import type { Store } from '../../src/store/store.js'

const MIB = 1024 * 1024
const MAP = JSON.stringify({
  version: 3,
  sources: ['a.ts'],
  sourcesContent: ['x'],
  names: [],
  mappings: 'AAAA',
})

/** A store whose maps are said to be of this size, and what it was asked for. */
function storeOf(bytes: number) {
  const asked: string[] = []
  const store = {
    query: async (_: string, parameters: { file?: string } = {}) => {
      if (parameters.file === undefined) return []
      asked.push(parameters.file)
      return parameters.file === 'gone.js' ? [] : [{ map: parameters.file === 'bad.js' ? '{' : MAP, bytes }]
    },
  } as unknown as Store
  return { maps: createSourceMaps(store), asked }
}
const name = (file: string): MapName => ({ site: 's', release: 'r', file, debugId: '', sources: [] })

it('keeps the maps in use at hand, and lets go of the others beyond 32 MiB', async () => {
  const { maps, asked } = storeOf(12 * MIB)
  for (const file of ['a.js', 'b.js', 'a.js', 'c.js', 'a.js', 'b.js'])
    expect(await maps.open(name(file))).toBeDefined()
  expect(asked).toEqual(['a.js', 'b.js', 'c.js', 'b.js'])
})

it('reads a map once for all that ask at one time', async () => {
  const { maps, asked } = storeOf(1)
  await Promise.all([maps.open(name('a.js')), maps.open(name('a.js'))])
  expect(asked).toEqual(['a.js'])
})

it('reads anew what it was told to forget', async () => {
  const { maps, asked } = storeOf(1)
  await maps.open(name('a.js'))
  maps.forget()
  await maps.open(name('a.js'))
  expect(asked).toEqual(['a.js', 'a.js'])
})

it('takes a map that is gone, or is none, for no map', async () => {
  const { maps } = storeOf(1)
  expect(await maps.open(name('gone.js'))).toBeUndefined()
  expect(await maps.open(name('bad.js'))).toBeUndefined()
})
