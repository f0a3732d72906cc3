import { parseEvents } from '@justanalytics/core/event'
import { describe, expect, it } from 'vitest'
import { toRow } from '../src/ingest/row.js'
import { makeEvent } from './helpers.js'

const rowOf = (event: string, properties: Record<string, unknown>) => {
  const [parsed] = parseEvents([makeEvent(properties, { event })]).events
  if (!parsed) throw new Error('the event is wrong')
  return toRow(parsed.event, Date.now())
}

describe('a country', () => {
  it.each([
    ['DE', 'DE'],
    ['Germany', ''],
    ['de', ''],
    ['T1', ''],
    [null, ''],
  ])('%s is stored as %j', (country, stored) => {
    expect(rowOf('pageview', { country }).country).toBe(stored)
  })
})

describe('a page was opened', () => {
  const cases: [event: string, properties: Record<string, unknown>, is: 0 | 1][] = [
    ['pageview', { navigation: true, method: 'GET' }, 1],
    ['pageview', { navigation: true, method: 'POST' }, 1],
    ['pageview', { navigation: false, method: 'GET' }, 0],
    ['pageview', { method: 'GET' }, 1],
    ['pageview', { method: null }, 1],
    ['pageview', { method: 'POST' }, 0],
    ['api_request', { method: 'GET' }, 0],
    ['api_request', { navigation: true, method: 'GET' }, 1],
  ]
  it.each(cases)('%s %j: %d', (event, properties, is) => {
    expect(rowOf(event, properties).navigation).toBe(is)
  })
})
