import { describeHttpAdapter } from '@justanalytics/conformance'
import { afterAll, beforeAll, vi } from 'vitest'
import justanalytics from '../src/index.js'
import { express4Flavour, express5, express5OldRouter, starter } from './app.js'

// Express logs every error that nobody handles.
beforeAll(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
afterAll(() => void vi.restoreAllMocks())

const FALSY = 'Express takes a falsy error for none: the request goes on, to a 404'
const REJECTED = 'Express makes an Error of a falsy rejection, and nobody sees what was rejected'

const cannot5 = {
  'null thrown: one exception, tied to its request': FALSY,
  'undefined thrown: one exception, tied to its request': FALSY,
  'null thrown after an await: one exception, tied to its request': REJECTED,
  'undefined thrown after an await: one exception, tied to its request': REJECTED,
}
const cannot4 = Object.fromEntries(Object.keys(cannot5).map(name => [name, FALSY]))

describeHttpAdapter({ name: 'express 5', start: starter(express5, justanalytics), cannot: cannot5 })
describeHttpAdapter({
  name: 'express 5, router 2.2',
  start: starter(express5OldRouter, justanalytics),
  cannot: cannot5,
})
describeHttpAdapter({ name: 'express 4', start: starter(express4Flavour, justanalytics), cannot: cannot4 })
