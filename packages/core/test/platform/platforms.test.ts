import { describe, expect, it, vi } from 'vitest'
import { platform as node } from '../../src/platform/node.js'
import { platform as web } from '../../src/platform/web.js'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('a visitor', () => {
  it('has one id on all runtimes', () => {
    for (const [key, text] of [
      ['key_live_4f2a9c1', 'visitor 20779'],
      [Uint8Array.from({ length: 32 }, (_, n) => 255 - n), '2001:db8::1 Mozilla/5.0 (X11; Linux x86_64) ü'],
    ] as const) {
      expect(hex(web.hmacSha256(key, text))).toBe(hex(node.hmacSha256(key, text)))
    }
  })
})

describe('the platforms', () => {
  it('offer the same', () => {
    expect(Object.keys(web).sort()).toEqual(Object.keys(node).sort())
  })

  it('read the variables of the process, where there is one', () => {
    vi.stubEnv('JUSTANALYTICS_SERVICE', 'checkout')
    expect(web.variables().JUSTANALYTICS_SERVICE).toBe('checkout')
    expect(node.variables().JUSTANALYTICS_SERVICE).toBe('checkout')
    vi.unstubAllEnvs()
  })

  it('send by themselves, except on Workers', async () => {
    expect([node.onDemand, web.onDemand]).toEqual([false, false])
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
    vi.resetModules()
    const { platform } = await import('../../src/platform/web.js')
    vi.unstubAllGlobals()
    expect(platform.onDemand).toBe(true)
  })
})
