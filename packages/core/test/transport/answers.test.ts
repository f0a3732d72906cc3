import { describe, expect, it } from 'vitest'
import { type Meaning, meaningOf, rejectionsIn } from '../../src/transport/answers.js'

describe('an answer means', () => {
  it.each<[Meaning, number[]]>([
    ['taken', [200, 201, 202, 204, 299]],
    ['misconfigured', [0, 301, 302, 307, 308, 404, 405, 406, 410, 426, 451, 501, 505]],
    ['unauthorised', [401, 403]],
    ['refused', [400, 422]],
    ['too_large', [413]],
    ['unsupported', [415]],
    ['wait', [402, 408, 425, 429, 500, 502, 503, 504, 507, 520, 599]],
  ])('%s: %o', (meaning, statuses) => {
    for (const status of statuses) {
      expect(meaningOf({ status, contentType: 'application/json' }), String(status)).toBe(meaning)
    }
  })

  it.each(['text/html', 'text/html; charset=utf-8', 'TEXT/HTML'])(
    'misconfigured: a page as %s',
    contentType => {
      expect(meaningOf({ status: 200, contentType })).toBe('misconfigured')
    },
  )

  it('taken: what only mentions a page', () => {
    expect(meaningOf({ status: 200, contentType: 'application/json; of=text/html' })).toBe('taken')
  })
})

describe('a result list', () => {
  it.each<[string | undefined, [number, string][]]>([
    [
      '{"accepted":1,"rejected":[{"index":1,"reason":"no"},{"index":3,"reason":"nor this"}]}',
      [
        [1, 'no'],
        [3, 'nor this'],
      ],
    ],
    ['{"accepted":2,"rejected":[]}', []],
    ['{"rejected":[{"index":"1"},{"index":1.5},null,{"index":0}]}', [[0, '']]],
    ['{"rejected":"all"}', []],
    ['null', []],
    ['{"accepted":1,"rejec', []],
    ['ok', []],
    ['', []],
    [undefined, []],
  ])('%s', (text, rejections) => {
    expect([...rejectionsIn(text)]).toEqual(rejections)
  })
})
