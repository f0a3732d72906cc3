import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { API_KEY, only, SITE_ID, Sink } from '@justanalytics/conformance'
import { expect, it } from 'vitest'
import { Redis } from './redis.js'

const folder = join(import.meta.dirname, '..')

it('the first program of the README runs as it stands', async () => {
  const [, program = ''] = /```js\n(.*?)```/s.exec(readFileSync(join(folder, 'README.md'), 'utf8')) ?? []
  mkdirSync(join(folder, 'artifacts'), { recursive: true })
  const file = join(folder, 'artifacts/readme.mjs')
  writeFileSync(file, program)
  const redis = await Redis.start()
  const sink = await Sink.open()
  const child = fork(file, {
    env: {
      ...process.env,
      REDIS_PORT: String(redis.port),
      JUSTANALYTICS_API_KEY: API_KEY,
      JUSTANALYTICS_SITE_ID: SITE_ID,
      JUSTANALYTICS_ENDPOINT: sink.url,
    },
  })
  await sink.until(events => events.length > 0, 20_000)
  child.disconnect()
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(only(sink.events)).toMatchObject({
    event: 'task_completed',
    properties: { task_name: 'print', queue: 'receipts', attempt: 1 },
  })
  expect(sink.problems).toEqual([])
  await sink.close()
  await redis.stop()
})
