import { join } from 'node:path'
import { only, startReadme } from '@justanalytics/conformance'
import { expect, it } from 'vitest'

it.each([
  ['this package', 'README.md'],
  ['the repository', '../../README.md'],
])('the first program in the README of %s runs as it stands', { timeout: 30_000 }, async (_, readme) => {
  const { url, sink, stop } = await startReadme(join(import.meta.dirname, '..'), readme)
  expect(await (await fetch(url)).text()).toBe('hello')
  await sink.until(events => events.length > 0, 10_000)
  await stop()
  expect(only(sink.events)).toMatchObject({ event: 'pageview', properties: { path: '/', status_code: 200 } })
  expect(sink.problems).toEqual([])
})
