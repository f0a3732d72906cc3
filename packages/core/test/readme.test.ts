import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { Endpoint } from './endpoint.js'

const folder = join(import.meta.dirname, '..')

it('the first program of the README runs as it stands', async () => {
  const [, program = ''] = /```js\n(.*?)```/s.exec(readFileSync(join(folder, 'README.md'), 'utf8')) ?? []
  mkdirSync(join(folder, 'artifacts'), { recursive: true })
  const file = join(folder, 'artifacts/readme.mjs')
  writeFileSync(file, program)
  await using endpoint = await Endpoint.open()
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], {
    env: {
      ...process.env,
      JUSTANALYTICS_API_KEY: 'key',
      JUSTANALYTICS_SITE_ID: 'site',
      JUSTANALYTICS_ENDPOINT: endpoint.url,
    },
  })
  expect({ stdout, stderr }).toEqual({ stdout: 'true\n', stderr: '' })
  expect(endpoint.events.map(({ event }) => event).toSorted()).toEqual(['exception', 'import_finished'])
  expect(endpoint.received[0]?.headers.authorization).toBe('Bearer key')
})
