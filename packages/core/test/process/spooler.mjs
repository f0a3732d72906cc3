// An application with a spool, that does what its first argument says.
import { createAnalytics } from '../../dist/index.js'

const [what = '', endpoint = '', spool = '', more] = process.argv.slice(2)
const client = createAnalytics({
  apiKey: 'top-secret',
  siteId: 'site',
  endpoint,
  spool,
  requestTimeout: 1000,
  captureUncaught: more === 'captureUncaught',
})

const acts = {
  nothing() {},
  'capture and end'() {
    client.capture('last words')
  },
  'capture and exit'() {
    client.capture('last words')
    process.exit(3)
  },
  'capture and throw'() {
    client.capture('last words')
    setImmediate(() => {
      throw new Error('the application’s own')
    })
  },
  /** Says how many it has captured, until it is killed. */
  'capture forever'() {
    let n = 0
    setInterval(() => {
      for (let i = 0; i < 5; i++) client.capture('tick', { process: process.pid, n: n++ })
      process.stdout.write(`${n}\n`)
    }, 20)
  },
  /** Exits in the middle of it. */
  'capture and exit after'() {
    let n = 0
    const end = performance.now() + Number(more)
    setInterval(() => {
      for (let i = 0; i < 20; i++) client.capture('tick', { process: process.pid, n: n++ })
      if (performance.now() < end) return
      process.stdout.write(`${n}\n`)
      process.exit()
    }, 1)
  },
  async flush() {
    await client.flush(15_000)
    process.stdout.write(JSON.stringify(client.stats()))
    await client.close()
  },
}
await acts[what]?.()
