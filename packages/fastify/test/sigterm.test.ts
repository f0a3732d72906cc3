import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { API_KEY, Client, SITE_ID, Sink } from '@justanalytics/conformance'
import { expect, it } from 'vitest'

const COUNT = 1000

it('1,000 requests under way and a SIGTERM: 1,000 request events, and the process ends', {
  timeout: 60_000,
}, async () => {
  const sink = await Sink.open()
  const child = fork(join(import.meta.dirname, 'fixtures/server.ts'), {
    execArgv: ['--import', 'tsx'],
    env: {
      ...process.env,
      HOLD: String(COUNT),
      JUSTANALYTICS_API_KEY: API_KEY,
      JUSTANALYTICS_SITE_ID: SITE_ID,
      JUSTANALYTICS_ENDPOINT: sink.url,
    },
  })
  const [url] = (await once(child, 'message')) as [string]
  const client = new Client(url)
  const answers = Array.from({ length: COUNT }, async (_, n) => (await client.ask(`/held/${n}`)).status)
  await once(child, 'message')
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  expect(new Set(await Promise.all(answers))).toEqual(new Set([200]))
  await client.close()
  expect(await exit).toEqual([0, null])
  expect(sink.problems).toEqual([])
  const paths = sink.events.filter(event => event.event === 'pageview').map(event => event.properties.path)
  expect(sink.events).toHaveLength(COUNT)
  expect(new Set(paths)).toEqual(new Set(Array.from({ length: COUNT }, (_, n) => `/held/${n}`)))
  await sink.close()
})
