import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { roomOf } from '../src/measures/rooms.js'

const BUILT = ['import "x"', '// src/event/id.ts', 'function id() {}', '// src/slot.ts', 'function slot() {}']

describe('the room of a function', () => {
  let folder: string
  let built: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'justanalytics-rooms-'))
    const dist = join(folder, 'packages/core/dist')
    await mkdir(dist, { recursive: true })
    await writeFile(join(dist, 'client.js'), BUILT.join('\n'))
    built = pathToFileURL(join(dist, 'client.js')).href
  })
  afterAll(() => rm(folder, { recursive: true }))

  it.each([
    [0, 'core/core'],
    [2, 'core/event'],
    [4, 'core/slot'],
  ])('at line %i of core is the folder, or the file, its source stands in', (lineNumber, room) => {
    expect(roomOf({ url: built, lineNumber })).toBe(room)
  })

  it.each([
    ['file:///repo/packages/fastify/dist/index.js', 'adapter'],
    ['file:///repo/node_modules/.pnpm/undici@7/node_modules/undici/lib/client.js', 'undici'],
    ['file:///repo/node_modules/@fastify/otel/index.js', '@fastify/otel'],
    ['file:///repo/bench/dist/apps/fastify.js', 'application'],
    ['file:///repo/bench/dist/processes/server.js', 'measuring'],
    ['node:net', undefined],
  ])('of %s is %s', (url, room) => {
    expect(roomOf({ url, lineNumber: 0 })).toBe(room)
  })
})

describe('of what core is built into', () => {
  it('every folder of its sources can be told', async () => {
    const { client, common } = {
      client: new URL('../../packages/core/dist/client.js', import.meta.url).href,
      common: new URL('../../packages/core/dist/common.js', import.meta.url).href,
    }
    const rooms = new Set(
      [client, common].flatMap(url =>
        Array.from({ length: 5000 }, (_, lineNumber) => roomOf({ url, lineNumber })),
      ),
    )
    expect([...rooms]).toEqual(
      expect.arrayContaining(['core/capture', 'core/event', 'core/queue', 'core/transport', 'core/slot']),
    )
  })
})
