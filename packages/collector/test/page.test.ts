import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Collector, createCollector } from '../src/index.js'
import { temporaryFolder } from './helpers.js'

let collector: Collector

beforeAll(async () => {
  collector = await createCollector({ port: 0, data: temporaryFolder(afterAll) })
})
afterAll(() => collector.close())

/** Everything the page's markup asks for. */
async function references(): Promise<string[]> {
  const html = await (await fetch(`${collector.url}/`)).text()
  return [...html.matchAll(/\b(?:src|href)="([^"]*)"/g)]
    .map(match => match[1] ?? '')
    .filter(path => !path.startsWith('api/'))
}

describe('the page', () => {
  it('is served at the root and asked for anew each time', async () => {
    const response = await fetch(`${collector.url}/?env=production`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(await response.text()).toMatch(/^<!doctype html>/i)
  })

  it('names its assets relative to itself, so that it can be served under any path', async () => {
    const paths = await references()
    expect(paths.length).toBeGreaterThan(1)
    for (const path of paths) expect(path).toMatch(/^\.\/assets\//)
  })

  it('brings every asset it names, with its type, to be kept for ever', async () => {
    for (const path of await references()) {
      const response = await fetch(new URL(path, `${collector.url}/`))
      expect([path, response.status]).toEqual([path, 200])
      expect(response.headers.get('content-type')).toMatch(/^(text\/(javascript|css)|image\/svg\+xml)/)
      expect(response.headers.get('cache-control')).toContain('immutable')
    }
  })

  it('is sent packed to who takes that, and is the same', async () => {
    const [plain, packed] = await Promise.all(
      ['identity', 'gzip'].map(encoding =>
        fetch(`${collector.url}/`, { headers: { 'accept-encoding': encoding } }),
      ),
    )
    expect(plain?.headers.get('content-encoding')).toBeNull()
    expect(packed?.headers.get('content-encoding')).toBe('gzip')
    expect(await packed?.text()).toBe(await plain?.text())
  })

  it('has no script or style of its own in the markup, which its policy would refuse', async () => {
    const html = await (await fetch(`${collector.url}/`)).text()
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/i)
  })

  it('answers HEAD without a body', async () => {
    const response = await fetch(`${collector.url}/`, { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
  })
})
