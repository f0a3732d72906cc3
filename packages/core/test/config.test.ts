import { describe, expect, it } from 'vitest'
import { resolveAdapterSettings } from '../src/adapter-config.js'
import { resolveSettings } from '../src/config.js'
import { createRecorder } from '../src/testing.js'

describe('settings', () => {
  it('are the documented defaults where nothing is given', () => {
    expect(resolveSettings({}, {})).toMatchInlineSnapshot(`
      {
        "allowInsecure": false,
        "apiKey": undefined,
        "beforeSend": undefined,
        "captureUncaught": false,
        "compress": true,
        "endpoint": "https://api.justanalytics.app/v1/events",
        "environment": "production",
        "flushAt": 100,
        "flushInterval": 2000,
        "logger": undefined,
        "maxQueueBytes": 4194304,
        "maxQueueSize": 5000,
        "maxRetries": Infinity,
        "onDrop": undefined,
        "redact": [],
        "release": undefined,
        "requestTimeout": 2000,
        "sampleRate": 1,
        "service": undefined,
        "siteId": undefined,
        "spool": undefined,
      }
    `)
  })

  it('are frozen', () => {
    expect(Object.isFrozen(resolveSettings({}, {}))).toBe(true)
  })

  it.each([
    ['apiKey', { JUSTANALYTICS_API_KEY: 'k' }, 'k'],
    ['siteId', { JUSTANALYTICS_SITE_ID: 's' }, 's'],
    ['endpoint', { JUSTANALYTICS_ENDPOINT: 'https://a.example/v1/events' }, 'https://a.example/v1/events'],
    ['release', { JUSTANALYTICS_RELEASE: '1.2.3', RENDER_GIT_COMMIT: 'abc' }, '1.2.3'],
    ['release', { RENDER_GIT_COMMIT: 'abc' }, 'abc'],
    ['release', { HEROKU_SLUG_COMMIT: 'def' }, 'def'],
    ['environment', { JUSTANALYTICS_ENVIRONMENT: 'staging', NODE_ENV: 'test' }, 'staging'],
    ['environment', { NODE_ENV: 'test' }, 'test'],
    ['service', { JUSTANALYTICS_SERVICE: 'shop' }, 'shop'],
    ['apiKey', { JUSTANALYTICS_API_KEY: ' k\n' }, 'k'],
    ['apiKey', { JUSTANALYTICS_API_KEY: '' }, undefined],
  ])('read `%s` from %o', (name, env, value) => {
    expect(resolveSettings({}, env)[name as 'apiKey']).toBe(value)
  })

  it('prefer an option to its variable, unless it is undefined', () => {
    const env = { JUSTANALYTICS_SITE_ID: 'env' }
    expect(resolveSettings({ siteId: 'option' }, env).siteId).toBe('option')
    expect(resolveSettings({ siteId: undefined }, env).siteId).toBe('env')
  })

  it.each([
    'https://a.example/v1/events',
    'http://localhost:4100/v1/events',
    'http://shop.localhost/v1/events',
    'http://127.0.0.1:4100/v1/events',
    'http://127.8.9.10/v1/events',
    'http://[::1]:4100/v1/events',
  ])('take the endpoint %s', endpoint => {
    expect(resolveSettings({ endpoint }, {}).endpoint).toBe(endpoint)
  })
})

const nothing = (): void => {}

describe('a wrong option is one sentence that names it', () => {
  it.each<[Record<string, unknown>, string]>([
    [{ apiKey: 7 }, 'Expected `apiKey` to be a string of visible ASCII characters, got number.'],
    [{ apiKey: 'se cret\n' }, 'Expected `apiKey` to be a string of visible ASCII characters, got string.'],
    [
      { endpoint: 'ftp://x' },
      'Expected `endpoint` to be an absolute https: or http: URL without user name and password, got "ftp://x".',
    ],
    [
      { endpoint: 'https://me:pass@a.example' },
      'Expected `endpoint` to be an absolute https: or http: URL without user name and password, got "https://[redacted]@a.example".',
    ],
    [
      { endpoint: 'http://a.example/v1/events' },
      'Expected `endpoint` to be an https: URL (the key would travel in the clear; `allowInsecure: true` permits it), got "http://a.example/v1/events".',
    ],
    [{ flushAt: 0 }, 'Expected `flushAt` to be a whole number from 1 to 500, got 0.'],
    [{ flushAt: 1.5 }, 'Expected `flushAt` to be a whole number from 1 to 500, got 1.5.'],
    [
      { flushInterval: '2s' },
      'Expected `flushInterval` to be a whole number of milliseconds from 1 on, got "2s".',
    ],
    [
      { requestTimeout: Number.NaN },
      'Expected `requestTimeout` to be a whole number of milliseconds from 1 on, got NaN.',
    ],
    [{ sampleRate: 2 }, 'Expected `sampleRate` to be a number from 0 to 1, got 2.'],
    [{ maxRetries: -1 }, 'Expected `maxRetries` to be a whole number from 0 on, got -1.'],
    [{ compress: 'yes' }, 'Expected `compress` to be true or false, got "yes".'],
    [{ beforeSend: {} }, 'Expected `beforeSend` to be a function, got {}.'],
    [{ redact: 'password' }, 'Expected `redact` to be an array of non-empty strings, got "password".'],
    [{ logger: null }, 'Expected `logger` to be an object with a `warn(line)` method, got null.'],
    [{ release: 10n }, 'Expected `release` to be a non-empty string, got 10.'],
    [{ release: nothing }, 'Expected `release` to be a non-empty string, got a function.'],
  ])('%o', (options, sentence) => {
    expect(() => resolveSettings(options, {})).toThrow(expect.objectContaining({ message: sentence }))
  })

  it('names a name we do not know', () => {
    expect(() => resolveSettings({ apikey: 'k' } as object, {})).toThrow(/^Expected `apikey` to be left out/)
  })

  it('names the variable a wrong value came from', () => {
    expect(() => resolveSettings({}, { JUSTANALYTICS_ENDPOINT: 'here' })).toThrow(
      /^Expected `endpoint` to be .*, got "here" in JUSTANALYTICS_ENDPOINT\.$/,
    )
  })

  it('never shows the key', () => {
    expect(() => resolveSettings({}, { JUSTANALYTICS_API_KEY: 'top secret' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('top') }),
    )
  })

  it('tells which option by its name, for programs', () => {
    expect(() => resolveSettings({ flushAt: 0 }, {})).toThrow(
      expect.objectContaining({ name: 'JustAnalyticsError', code: 'WRONG_OPTION', option: 'flushAt' }),
    )
  })
})

describe('an adapter', () => {
  it.each<[Record<string, unknown>, RegExp]>([
    [{ user: 'me' }, /^Expected `user` to be a function, got "me"\.$/],
    [{ ignore: 5 }, /^Expected `ignore` to be a path, a prefix that ends in \*, .*, got 5\.$/],
    [{ ignore: [['/a']] }, /^Expected `ignore`/],
    [{ visitor: 'yes' }, /^Expected `visitor` to be true, false or a function, got "yes"\.$/],
    [{ queryParams: [1] }, /^Expected `queryParams`/],
    [{ client: {} }, /^Expected `client` to be a client made by createAnalytics\(\), got \{\}\.$/],
    [{ flushAt: 1, client: createRecorder() }, /^Expected `flushAt` to be left out beside `client`/],
    [{ users: nothing }, /^Expected `users` to be left out, as it is no option/],
  ])('refuses %o', (options, sentence) => {
    expect(() => resolveAdapterSettings(options)).toThrow(sentence)
  })

  it('parts its own options from those of the client it makes', () => {
    const { settings, clientOptions } = resolveAdapterSettings({ apiKey: 'k', ignore: '/health' })
    expect(clientOptions).toEqual({ apiKey: 'k' })
    expect(settings).toMatchObject({ ignore: '/health', visitor: true, queryParams: true })
  })
})
