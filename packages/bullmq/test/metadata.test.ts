import { describe, expect, it } from 'vitest'
import { addThread, threadOf, withoutThread } from '../src/metadata.js'

const thread = { request_id: 'r', release: 'one' }

describe('a thread in a job’s metadata', () => {
  it.each([
    ['none before', ''],
    ['an object before', '{"traceparent":"00-1-2-01"}'],
    ['an empty object before', '{}'],
  ])('%s: both are read again', (_, theirs) => {
    const metadata = addThread(theirs, thread)
    expect(threadOf(metadata)).toEqual(thread)
    expect(withoutThread(metadata)).toBe(theirs.length > 2 ? theirs : undefined)
  })

  it.each(['00-1-2-01', '[1]', '"text"', '7', 'null', '{broken'])(
    '%s has no room for it and stays as it is',
    theirs => {
      expect(addThread(theirs, thread)).toBe(theirs)
      expect(threadOf(theirs)).toBeUndefined()
      expect(withoutThread(theirs)).toBe(theirs)
    },
  )

  it('nothing known is nothing written', () => {
    expect(addThread('', undefined)).toBe('')
    expect(addThread(undefined, undefined)).toBe('')
    expect(addThread('{"a":1}', undefined)).toBe('{"a":1}')
  })

  it('what others put under our key does no harm', () => {
    expect(threadOf('{"justanalytics":"mine"}')).toBeUndefined()
    expect(threadOf('{"justanalytics":{"user_id":{"a":1}}}')).toEqual({})
    expect(threadOf(undefined)).toBeUndefined()
  })
})
