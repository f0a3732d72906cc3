// Captures steadily, and tells whoever started it how it is. Run with --expose-gc.
import { createAnalytics } from '@justanalytics/core'

const { options, rate } = JSON.parse(process.argv[2])
const TICK_MS = 20

/** Bytes that are in use, garbage apart. */
function used() {
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const lines = []
const client = createAnalytics({ ...options, logger: { warn: line => lines.push(line) } })
let mark = 0
const began = performance.now()

function tick() {
  // Late ticks owe more, but a stalled machine must not be answered with a flood.
  const due = Math.min(mark + rate, ((performance.now() - began + TICK_MS) * rate) / 1000)
  while (mark < due) {
    const kind = mark % 50
    if (kind === 0) client.captureException(new TypeError(`order ${mark}`), { mark })
    else client.capture('order', { mark, text: 'x'.repeat(kind * 20), list: [1, { a: 'b' }] })
    mark++
  }
}

// The runtime's own growth is not ours: everything has run once before the measure is taken.
tick()
await client.flush(1000)
const before = used()
const ticking = setInterval(tick, TICK_MS)
const telling = setInterval(() => process.send({ stats: client.stats(), grown: used() - before }), 1000)
process.on('SIGINT', () => {})
process.once('message', async ({ patience }) => {
  clearInterval(ticking)
  clearInterval(telling)
  const grown = used() - before
  const flushed = await client.flush(patience)
  await client.close()
  process.send({ stats: client.stats(), grown, flushed, lines })
  process.disconnect()
})
