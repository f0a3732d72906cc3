import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { API_KEY, only, SITE_ID, Sink } from '@justanalytics/conformance'
import { expect, it } from 'vitest'

const folder = join(import.meta.dirname, '..')

it.each([
  ['this package', 'README.md'],
  ['the repository', '../../README.md'],
])('the first program in the README of %s runs as it stands', { timeout: 30_000 }, async (_, readme) => {
  const [, program = ''] = /```js\n(.*?)```/s.exec(readFileSync(join(folder, readme), 'utf8')) ?? []
  mkdirSync(join(folder, 'artifacts'), { recursive: true })
  const file = join(folder, 'artifacts/readme.mjs')
  writeFileSync(file, program)
  const sink = await Sink.open()
  const child = fork(file, {
    execArgv: ['--import', join(import.meta.dirname, 'fixtures/announce.mjs')],
    env: {
      ...process.env,
      PORT: '0',
      JUSTANALYTICS_API_KEY: API_KEY,
      JUSTANALYTICS_SITE_ID: SITE_ID,
      JUSTANALYTICS_ENDPOINT: sink.url,
    },
  })
  const [url] = (await once(child, 'message')) as [string]
  expect(await (await fetch(url)).text()).toBe('hello')
  await sink.until(events => events.length > 0, 10_000)
  child.kill()
  await once(child, 'exit')
  expect(only(sink.events)).toMatchObject({ event: 'pageview', properties: { path: '/', status_code: 200 } })
  expect(sink.problems).toEqual([])
  await sink.close()
})
