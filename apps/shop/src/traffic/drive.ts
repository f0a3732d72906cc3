import { Agent } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { planVisit } from './plan.js'
import { createRandom, type Random, whole } from './random.js'
import { type Made, walk } from './visit.js'

/** Where one visit goes; it stays there to its end, because its cart does. */
export interface Seat {
  origin: string
  leave(): void
}

export interface DriveOptions {
  /** The same seed makes the same visits. */
  seed: number
  /** Asked once a visit. */
  seat(): Seat
  /** How many visits. */
  visits: number
  /** How many of them at one time. */
  concurrency: number
  /** About how long a visitor looks at an answer, in milliseconds. */
  pause: number
  /** Called after each request. */
  onRequest(made: Made): void
  /** No new visit begins after it; those under way come to their end. */
  signal?: AbortSignal | undefined
}

/** Sends the visits and resolves when the last one is over. Rejects if a request could not be made. */
export async function drive(options: DriveOptions): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  let next = 0
  let failed = false
  async function visitor(): Promise<void> {
    while (next < options.visits && !failed && !options.signal?.aborted) {
      const random = createRandom(options.seed * 1_000_003 + next++)
      await visitOnce(agent, random, options)
    }
  }
  try {
    const visitors = Array.from({ length: Math.min(options.concurrency, options.visits) }, () => visitor())
    for (const one of visitors) one.catch(() => (failed = true))
    const ends = await Promise.allSettled(visitors)
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  } finally {
    agent.destroy()
  }
}

async function visitOnce(agent: Agent, random: Random, options: DriveOptions): Promise<void> {
  const visit = planVisit(random)
  const seat = options.seat()
  const pause = () => wait(options.pause && whole(random, options.pause / 2, options.pause * 1.5))
  try {
    for await (const made of walk(seat.origin, agent, visit, random, pause)) options.onRequest(made)
  } finally {
    seat.leave()
  }
}
