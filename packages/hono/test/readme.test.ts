import { join } from 'node:path'
import { only, startReadme } from '@justanalytics/conformance'
import { expect, it } from 'vitest'

it('the first program of the README runs as it stands, and ends when it is told to', {
  timeout: 30_000,
}, async () => {
  const { url, sink, stop } = await startReadme(join(import.meta.dirname, '..'))
  expect(await (await fetch(url)).text()).toBe('hello')
  expect(await stop()).toBe(0)
  expect(only(sink.events)).toMatchObject({ event: 'pageview', properties: { path: '/', status_code: 200 } })
  expect(sink.problems).toEqual([])
})
