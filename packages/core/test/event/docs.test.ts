import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { LIMITS } from '../../src/event/limits.js'
import { parseEvents } from '../../src/event/parse.js'
import { type AnalyticsEvent, EVENT_NAMES } from '../../src/event/schema.js'

const page = readFileSync(new URL('../../../../docs/events.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/```json\n(.*?)```/gs)].map(
  match => JSON.parse(match[1] ?? '') as AnalyticsEvent,
)

it.each(examples)('the page’s $event is an event as the collector takes it', example => {
  expect(parseEvents(example, new Date(example.timestamp))).toEqual({
    events: [{ index: 0, event: example }],
    rejected: [],
  })
})

it('the page has an example of every event', () => {
  expect(examples.map(({ event }) => event)).toEqual(['signup', ...EVENT_NAMES])
})

it('the page tells every limit', () => {
  expect(page).toContain(`${LIMITS.eventBytes / 1024} KiB of JSON`)
  expect(page).toContain(`${LIMITS.depth} levels`)
  expect(page).toContain(`${LIMITS.keys} keys or items a level`)
  expect(page).toContain(`${LIMITS.causes} at most`)
  const { user_agent, exception_message, traceback, path, string } = LIMITS
  for (const limit of [user_agent, exception_message, traceback, path, string]) {
    expect(page).toContain(`| ${limit.toLocaleString('en-GB')}`)
  }
})
