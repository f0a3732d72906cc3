/** The application: it does what the plan says with one client, and tells on descriptor 3 what it saw. */
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientName, Start } from './clients/client.js'
import { markOf } from './mark.js'
import { ODD_VALUES } from './odd-values.js'
import type { Act, Told } from './plan.js'

const [name, url, plan] = process.argv.slice(2) as [ClientName | 'bare', string, string]

const told: Told = { captured: 0, threw: 0, flushed: 'not asked', heapMib: 0, done: false }
const tell = (): void => {
  writeSync(3, `${JSON.stringify(told)}\n`)
}

/** Told at the end by itself, however that comes about. */
process.on('exit', tell)

const start: Start =
  name === 'bare'
    ? () => ({ capture: () => {}, flush: async () => true })
    : ((await import(`./clients/${name}.js`)) as { start: Start }).start
const client = start(url)

function capture(mark: string, value?: unknown): void {
  told.captured++
  try {
    client.capture(mark, value)
  } catch {
    told.threw++
  }
}

function heap(): number {
  gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 2 ** 20
}

async function act(step: Act): Promise<void> {
  switch (step.do) {
    case 'capture':
      for (let index = 0; index < step.events; index++) capture(markOf(told.captured))
      break
    case 'load': {
      // What a client loads and compiles when it first sends is no growth.
      for (let index = 0; index < 20; index++) capture(markOf(told.captured))
      await sleep(6000)
      const before = heap()
      for (let tick = 0; tick < step.seconds * 20; tick++) {
        for (let index = 0; index < step.perSecond / 20; index++) capture(markOf(told.captured))
        await sleep(50)
      }
      told.heapMib = heap() - before
      break
    }
    case 'odd values':
      for (const [index, [, make]] of ODD_VALUES.entries()) {
        for (let event = 0; event < 5; event++) capture(markOf(index * 100 + event))
        capture('odd', make())
        for (let event = 5; event < 10; event++) capture(markOf(index * 100 + event))
        await sleep(20)
      }
      break
    case 'wait':
      await sleep(step.ms)
      break
    case 'flush':
      told.flushed = await client.flush(step.ms).then(
        all => (all === undefined ? 'nothing said' : String(all)),
        () => 'rejected',
      )
      break
    case 'throw':
      // Outside of this function's promise: an application's own mistake, in a timer.
      setTimeout(() => {
        throw new Error(markOf(0))
      })
      await sleep(60_000)
      break
    case 'exit':
      process.exit(0)
  }
}

for (const step of JSON.parse(plan) as Act[]) await act(step)
told.done = true
tell()
