import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { createTaskCapture } from '../../src/capture/task.js'
import { parseEvents } from '../../src/event/parse.js'
import { createRecorder } from '../../src/testing.js'

const ID = '85314830-023f-4cf1-a267-535f4e37bb17'

const folder = mkdtempSync(join(tmpdir(), 'debug-ids-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const main = join(folder, 'main.js')
writeFileSync(main, `throw new Error()\n//# debugId=${ID}\n`)
utimesSync(main, 1, 1)

function errorIn(file: string, cause?: Error): Error {
  const error = new Error('no', { cause })
  error.stack = `Error: no\n    at pay (${file}:1:7)`
  return error
}

it.each([
  ['an exception', errorIn(main), { [main]: ID }],
  ['one that was caused there', errorIn('/elsewhere/main.js', errorIn(main)), { [main]: ID }],
  ['one from elsewhere', errorIn('/elsewhere/main.js'), undefined],
])('%s says which build its files are of, reported by hand or by a job', (_, error, ids) => {
  const recorder = createRecorder()
  recorder.captureException(error, { debug_ids: 'not for the application to say' })
  const tasks = createTaskCapture('bullmq', { client: recorder })
  tasks.begin({ name: 'mail', id: '1', queue: 'mails', begun: 0, thread: undefined }).fail(error, 1, 'error')
  expect(recorder.events.map(({ event, properties }) => [event, properties.debug_ids])).toEqual([
    ['exception', ids],
    ['task_failed', ids],
  ])
})

it('they outlive the wire, within its limits', () => {
  const read = (debug_ids: unknown) => {
    const properties = { exception_type: 'Error', debug_ids }
    const { events, rejected } = parseEvents({ site_id: 's', event: 'exception', properties })
    return events[0]?.event.properties.debug_ids ?? rejected[0]?.reason
  }
  expect(read({ [main]: ID })).toEqual({ [main]: ID })
  expect(read([ID])).toBe('properties.debug_ids: expected an object or null, got an array')
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`/app/${n}.js`, ID]))
  expect(Object.keys(read(many) as object).length).toBeLessThanOrEqual(101)
})
