// An application that does what its first argument says and then ends by itself.
import { createHttpCapture } from '../../dist/adapter.js'
import { createAnalytics } from '../../dist/index.js'

const [what = '', endpoint = '', captureUncaught] = process.argv.slice(2)
const client = createAnalytics({
  apiKey: 'key',
  siteId: 'site',
  endpoint,
  flushInterval: 50,
  captureUncaught: captureUncaught === 'captureUncaught',
})

/** Stands for what an adapter sees of a request. */
function answerRequest() {
  const reader = {
    sdk: 'app',
    identity: request => request,
    method: () => 'GET',
    url: () => '/',
    headers: () => () => undefined,
    address: () => undefined,
    route: () => undefined,
  }
  createHttpCapture(reader, { client }).begin({}).end(200, 'ok')
}

const acts = {
  nothing() {},
  capture() {
    client.capture('last words')
  },
  'answer a request'() {
    answerRequest()
  },
  'answer a request and exit'() {
    answerRequest()
    process.exit(3)
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
  'capture and reject'() {
    client.capture('last words')
    void Promise.reject(new TypeError('nobody caught this'))
  },
  'survive an error'() {
    process.on('uncaughtException', () => {
      process.exitCode = 5
    })
    setImmediate(() => {
      throw new Error('survived')
    })
  },
  'capture before exit'() {
    process.once('beforeExit', () => client.capture('last words'))
  },
  'end in an attempt'() {
    client.capture('last words')
    setTimeout(() => {
      const ended = performance.now()
      process.on('exit', () => process.stdout.write(String(performance.now() - ended)))
    }, 500)
  },
  async 'capture and close'() {
    client.capture('last words')
    process.exitCode = (await client.close()) ? 0 : 4
  },
}
await acts[what]?.()
