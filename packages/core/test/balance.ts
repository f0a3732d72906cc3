import { expect } from 'vitest'
import type { Stats } from '../src/queue/ledger.js'

/** `captured + adopted === delivered + queued + inFlight + spooled + sum(dropped)`, at every moment. */
export function expectBalance(stats: Stats): void {
  const dropped = Object.values(stats.dropped).reduce((sum, count) => sum + count, 0)
  expect(
    stats.delivered + stats.queued + stats.inFlight + stats.spooled + dropped,
    JSON.stringify(stats),
  ).toBe(stats.captured + stats.adopted)
}
