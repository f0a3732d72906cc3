import zlib from 'node:zlib'
import { expect, it, vi } from 'vitest'
import { createAnalytics } from '../../src/analytics.js'
import { Endpoint } from '../endpoint.js'

const MAX_BATCH_BYTES = 512 * 1024
const FULL = 5000

it('a flush of a full queue prepares no more than two batches before the event loop turns again', async () => {
  await using endpoint = await Endpoint.open()
  await using client = createAnalytics({ apiKey: 'k', siteId: 's', endpoint: endpoint.url })
  let turn = 0
  let isOver = false
  const count = (): void => {
    turn++
    if (!isOver) setImmediate(count)
  }
  count()
  const prepared = new Map<number, number[]>()
  const { createGzip } = zlib
  const opened = vi.spyOn(zlib, 'createGzip').mockImplementation(options => {
    const gzip = createGzip(options)
    const write = gzip.write.bind(gzip)
    vi.spyOn(gzip, 'write').mockImplementation(((body: Buffer, done: (error?: Error | null) => void) => {
      prepared.set(turn, [...(prepared.get(turn) ?? []), body.length])
      return write(body, done)
    }) as typeof gzip.write)
    return gzip
  })
  try {
    for (let n = 0; n < FULL; n++) client.capture('one of many', { text: 'x'.repeat(300) })
    expect(await client.flush(15_000)).toBe(true)
  } finally {
    isOver = true
    opened.mockRestore()
  }
  expect(endpoint.events).toHaveLength(FULL)
  const turns = [...prepared.values()]
  expect(turns.flat().length).toBeGreaterThanOrEqual(FULL / 500)
  expect(Math.max(...turns.map(bodies => bodies.length))).toBeLessThanOrEqual(2)
  expect(Math.max(...turns.flat())).toBeLessThanOrEqual(MAX_BATCH_BYTES)
})
