import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeVerdict } from '../src/first-html.js'
import { type Collector, createCollector } from '../src/index.js'
import type { Verdict } from '../src/query/verdict.js'
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
    const asset = (await references())[0] ?? ''
    const ask = (path: string, encoding: string) =>
      fetch(new URL(path, `${collector.url}/`), { headers: { 'accept-encoding': encoding } })
    const [plain, packed, page] = await Promise.all([
      ask(asset, 'identity'),
      ask(asset, 'gzip'),
      ask('', 'gzip'),
    ])
    expect(page.headers.get('content-encoding')).toBe('gzip')
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    expect(await packed.text()).toBe(await plain.text())
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

describe('the verdict in the page', () => {
  it.each([
    '?',
    '?range=7d&figures=table&open=user%3Au_1&request=r1',
    '?from=2026-11-22T01%3A00%3A00.000Z&to=2026-11-22T02%3A00%3A00.000Z&flow=POST%20%2Fpay&site=a',
  ])('is there before any script runs: %s', async search => {
    const html = await (await fetch(`${collector.url}/${search}`)).text()
    expect(html).toMatch(/<p class="verdict-sentence">Not enough data: 0 requests in this window/)
    expect(html).toContain('data-verdict="{&quot;state&quot;:&quot;not_enough_data&quot;')
    expect(html).toContain('<a href="api/v1/verdict.md?from=')
  })

  it('is of the last 24 hours unless said, as the endpoint has it', async () => {
    const html = await (await fetch(`${collector.url}/`)).text()
    const [from, to] = ['from', 'to'].map(name => {
      const moment = new RegExp(`verdict\\.md\\?[^"]*\\b${name}=([^"&]+)`).exec(html)?.[1] ?? ''
      return Date.parse(decodeURIComponent(moment))
    })
    expect((to ?? 0) - (from ?? 0)).toBe(86_400_000)
  })

  it('is left out where the address asks for nonsense, and the page comes all the same', async () => {
    const response = await fetch(`${collector.url}/?status=teapot&from=yesterday`)
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('<div id="page"></div>')
  })

  it('holds hostile text as text', () => {
    const evil = `</p><script>alert(1)</script>"' onload=x &amp; $& \u202Etxt`
    const verdict = {
      state: 'quiet',
      sentence: evil,
      evidence: [{ text: evil }],
      as_of: evil,
    } as unknown as Verdict
    const html = writeVerdict(
      '<body><div id="page"></div></body>',
      verdict,
      `?${new URLSearchParams({ q: evil })}`,
    )
    const shown = html.slice(html.indexOf('<main>'))
    expect(html).not.toMatch(/<script|" onload|<div id="page"><\/div>/)
    expect(shown).not.toContain('\u202E')
    expect(shown).toContain(
      '&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39; onload=x &amp;amp; $&amp; \ufffdtxt',
    )
    const data = /data-verdict="([^"]*)"/.exec(html)?.[1] ?? ''
    const unescaped = data
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&')
    expect(JSON.parse(unescaped).state).toBe('quiet')
  })
})
