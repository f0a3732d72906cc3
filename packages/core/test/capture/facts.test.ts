import { describe, expect, it } from 'vitest'
import {
  isNavigation,
  pathOf,
  queryOf,
  queryParams,
  referrerOf,
  refusesTracking,
  traceIdOf,
  utmOf,
  viewOf,
} from '../../src/capture/facts.js'
import { createSecretTest } from '../../src/event/redact.js'

describe('the path', () => {
  it.each([
    ['/users/42', '/users/42'],
    ['/users/42?q=1#top', '/users/42'],
    ['/a%20b/%E2%82%AC', '/a%20b/%E2%82%AC'],
    ['//evil.example/x', '//evil.example/x'],
    ['http://shop.example/users?q=1', '/users'],
    ['http://shop.example?q=1', '/'],
    ['?q=1', '/'],
    ['', '/'],
    ['*', '*'],
    ['/a#b?c', '/a'],
  ])('of %s is %s', (url, path) => {
    expect(pathOf(url)).toBe(path)
  })

  it('is cut to 2048', () => {
    expect([...pathOf(`/${'x'.repeat(5000)}`)]).toHaveLength(2048)
  })
})

describe('query parameters', () => {
  const secret = createSecretTest()
  const query = queryOf('/x?a=1&b=2&a=3&accessToken=t&__proto__=p&empty=')

  it('are redacted, and repeated names become lists', () => {
    expect(queryParams(query, true, secret)).toEqual({
      a: ['1', '3'],
      b: '2',
      accessToken: '[redacted]',
      empty: '',
    })
  })

  it('are never named __proto__, which an event cannot bear', () => {
    expect(Object.keys(queryParams(query, true, secret))).not.toContain('__proto__')
    expect(queryParams(query, ['__proto__'], secret)).toEqual({})
  })

  it('are none, or those allowed; an allowed secret stays one', () => {
    expect(queryParams(query, false, secret)).toEqual({})
    expect(queryParams(query, ['b', 'accessToken'], secret)).toEqual({ b: '2', accessToken: '[redacted]' })
    expect(queryParams(undefined, true, secret)).toEqual({})
  })

  it('are a hundred at most, names and values of one', () => {
    const names = Array.from({ length: 200 }, (_, i) => `n${i}=1`).join('&')
    const values = Array.from({ length: 200 }, () => 'n=1').join('&')
    expect(Object.keys(queryParams(queryOf(`/?${names}`), true, secret))).toHaveLength(100)
    expect(queryParams(queryOf(`/?${values}`), true, secret).n).toHaveLength(100)
  })

  it('name a campaign', () => {
    expect(utmOf(queryOf('/?utm_source=a&utm_medium=b&utm_campaign=&utm_id=9'))).toEqual({
      utm_source: 'a',
      utm_medium: 'b',
    })
    expect(utmOf(undefined)).toEqual({})
  })
})

describe('a referrer', () => {
  it.each([
    ['https://a.example/x?q=1#y', 'https://a.example/x'],
    ['https://me:pass@a.example/x', 'https://a.example/x'],
    ['https://a.example/x#y?z', 'https://a.example/x'],
    ['', null],
    [undefined, null],
    ['?only', null],
  ])('%s becomes %s', (referrer, sent) => {
    expect(referrerOf(referrer)).toBe(sent)
  })
})

describe('a trace id', () => {
  const trace = '0af7651916cd43dd8448eb211c80319c'
  it.each([
    [`00-${trace}-b7ad6b7169203331-01`, trace],
    [`cc-${trace}-b7ad6b7169203331-01-what-the-future-will-be`, trace],
    [`ff-${trace}-b7ad6b7169203331-01`, undefined],
    ['00-00000000000000000000000000000000-b7ad6b7169203331-01', undefined],
    [`00-${trace}-0000000000000000-01`, undefined],
    [`00-${trace.toUpperCase()}-b7ad6b7169203331-01`, undefined],
    [`00-${trace}`, undefined],
    ['garbage', undefined],
    [undefined, undefined],
  ])('of %s is %s', (traceparent, id) => {
    expect(traceIdOf(traceparent)).toBe(id)
  })
})

describe('a person opened a page', () => {
  const html = { accept: 'text/html,application/xhtml+xml' }
  it.each<[string, string, Record<string, string>, boolean]>([
    ['a navigation', 'GET', { ...html, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, true],
    ['a browser without fetch metadata', 'GET', html, true],
    ['a form post', 'POST', { ...html, 'sec-fetch-mode': 'navigate' }, false],
    ['a frame', 'GET', { ...html, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }, false],
    ['fetch()', 'GET', { accept: '*/*', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, false],
    [
      'fetch() that asks for HTML',
      'GET',
      { ...html, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
      false,
    ],
    [
      'a prefetch',
      'GET',
      { ...html, 'sec-fetch-mode': 'navigate', 'sec-purpose': 'prefetch;prerender' },
      false,
    ],
    ['an old prefetch', 'GET', { ...html, purpose: 'prefetch' }, false],
    ['an image', 'GET', { accept: 'image/avif,*/*', 'sec-fetch-mode': 'no-cors' }, false],
    ['curl', 'GET', { accept: '*/*' }, false],
    ['no header at all', 'GET', {}, false],
  ])('%s', (_name, method, given, navigation) => {
    expect(isNavigation(method, given)).toBe(navigation)
  })

  it.each([
    [{ dnt: '1' }, true],
    [{ 'sec-gpc': '1' }, true],
    [{ dnt: '0' }, false],
    [{}, false],
  ])('and %o refuses tracking: %s', (given, refuses) => {
    expect(refusesTracking(given)).toBe(refuses)
  })
})

describe('viewset and action', () => {
  it.each<[string, string | undefined, string | null, string | null]>([
    ['GET', '/api/users', '/api/users', 'list'],
    ['HEAD', '/api/users', '/api/users', 'list'],
    ['GET', '/api/users/:id', '/api/users', 'retrieve'],
    ['POST', '/api/users', '/api/users', 'create'],
    ['PUT', '/api/users/:id', '/api/users', 'update'],
    ['PATCH', '/api/users/:id', '/api/users', 'partial_update'],
    ['DELETE', '/api/users/:id', '/api/users', 'destroy'],
    ['GET', '/v1/:org/items/:id(\\d+)', '/v1/items', 'retrieve'],
    ['GET', '/api/users/:id{[0-9]+}/orders', '/api/users/orders', 'list'],
    ['GET', '/files/*', '/files', 'retrieve'],
    ['GET', '/files/*splat', '/files', 'retrieve'],
    ['GET', '/files{/:name}', '/files', 'retrieve'],
    ['OPTIONS', '/api/users', '/api/users', null],
    ['GET', '/', '/', 'list'],
    ['GET', undefined, null, null],
  ])('of %s %s are %s and %s', (method, route, viewset, action) => {
    expect(viewOf(method, route, undefined)).toEqual({ viewset, action })
  })

  it('are what a route says of itself', () => {
    expect(viewOf('POST', '/api/carts/:id/pay', { action: 'pay' })).toEqual({
      viewset: '/api/carts/pay',
      action: 'pay',
    })
    expect(viewOf('POST', undefined, { viewset: 'carts' })).toEqual({ viewset: 'carts', action: null })
  })
})
