// An application that does what its first argument says and then ends by itself.
import { createAnalytics } from '../../dist/index.js'

const [what = '', endpoint = ''] = process.argv.slice(2)
const client = createAnalytics({ apiKey: 'key', siteId: 'site', endpoint, requestTimeout: 1000 })

const acts: Record<string, () => unknown> = {
  nothing() {},
  capture() {
    client.capture('last words')
  },
  'capture and exit'() {
    client.capture('last words')
    process.exit(3)
  },
  'capture and throw'() {
    client.capture('last words')
    throw new Error('the application’s own')
  },
  async 'capture and close'() {
    client.capture('last words')
    process.exitCode = (await client.close()) ? 0 : 4
  },
}
await acts[what]?.()
