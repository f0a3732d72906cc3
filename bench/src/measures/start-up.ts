import { once } from 'node:events'
import type { Contender } from '../contenders.js'
import { startServer } from '../fleet.js'

/** From the start of a fresh process until it listens. */
export interface StartUp {
  readonly contender: string
  readonly round: number
  readonly milliseconds: number
}

/** Nothing is sent, so the sink is an address where nobody is. */
const NOWHERE = 'http://127.0.0.1:9'

export async function startUps(contenders: readonly Contender[], rounds: number): Promise<StartUp[]> {
  const starts: StartUp[] = []
  // The first only warms the disk's cache up.
  for (let round = 0; round <= rounds; round++) {
    for (const contender of round % 2 ? contenders.toReversed() : contenders) {
      const remote = await startServer(contender, NOWHERE)
      const { startUp } = await remote.call('facts', undefined)
      const ended = once(remote.child, 'exit')
      remote.child.kill('SIGKILL')
      await ended
      if (round > 0) starts.push({ contender: contender.name, round, milliseconds: startUp })
    }
  }
  return starts
}
