import { describe, expect, it } from 'vitest'
import { countryOf } from '../../src/capture/country.js'

const told = (headers: Record<string, string>) => countryOf(headers)

describe('the country', () => {
  it.each(['cf-ipcountry', 'cloudfront-viewer-country', 'x-vercel-ip-country', 'x-appengine-country'])(
    'is told by %s',
    name => expect(told({ [name]: 'DE' })).toBe('DE'),
  )

  it.each(['XX', 'ZZ', 'T1', '', 'D', 'DEU', 'Germany', 'D\n', '<b'])('is unknown where %j is told', code =>
    expect(told({ 'cf-ipcountry': code })).toBeUndefined(),
  )

  it('is unknown without a proxy', () => expect(told({})).toBeUndefined())

  it('is that of the outer proxy, also where it does not know', () => {
    expect(told({ 'cf-ipcountry': 'FR', 'x-vercel-ip-country': 'US' })).toBe('FR')
    expect(told({ 'cf-ipcountry': 'T1', 'x-vercel-ip-country': 'US' })).toBeUndefined()
  })
})
