import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import axe, { type AxeResults } from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { launchBrowser } from './browser.js'
import { type MadeCollector, type Story, startMadeCollector } from './made-collector.js'
import { madeStory, paymentFailure } from './made-story.js'

const ROOT = join(import.meta.dirname, '..')
const ARTIFACTS = join(ROOT, 'artifacts')
const DIST = join(ARTIFACTS, 'page')
const WIDE = { width: 1280, height: 900 }
const NARROW = { width: 320, height: 640 }

let browser: Browser
let collector: MadeCollector
/** What the browser complained of: errors of the console, exceptions, violations of the policy. */
let complaints: string[]

beforeAll(async () => {
  await build({
    root: ROOT,
    mode: 'production',
    logLevel: 'warn',
    build: { outDir: DIST, emptyOutDir: true },
  })
  browser = await launchBrowser()
}, 60_000)

afterAll(() => browser?.close())

afterEach(async () => {
  for (const context of browser.contexts()) await context.close()
  await collector?.close()
})

async function open(
  options: BrowserContextOptions = {},
  change: Partial<Story> = {},
  search = '',
): Promise<Page> {
  collector = await startMadeCollector({ ...madeStory(Date.now()), ...change }, DIST)
  const context = await browser.newContext({ viewport: WIDE, timezoneId: 'Europe/Berlin', ...options })
  return openTab(await context.newPage(), search)
}

async function openTab(page: Page, search = ''): Promise<Page> {
  page.setDefaultTimeout(5000)
  complaints = []
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  await page.goto(`${collector.url}${search}`)
  return page
}

async function violations(page: Page): Promise<string[]> {
  // Evaluated by the debugger, which the page's policy does not bind.
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResults>(
    "axe.run({ rules: { 'target-size': { enabled: true } } })",
  )
  return violations.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html}`))
}

function figure(page: Page, label: string): Promise<string | null> {
  return page.locator('.figure', { hasText: label }).first().locator('dd').textContent()
}

function addressOf(page: Page): URLSearchParams {
  return new URL(page.url()).searchParams
}

const slider = (page: Page) => page.getByRole('slider')
const faults = (page: Page) => page.locator('.fault')

describe('the page', () => {
  it('shows traffic, release marks and the latest exceptions, and nothing to complain of', async () => {
    const page = await open()
    await faults(page).nth(6).waitFor()
    expect(Number((await figure(page, 'Requests'))?.replace(',', ''))).toBeGreaterThan(5000)
    expect(await page.locator('svg .failed').count()).toBeGreaterThan(10)
    expect(await page.getByRole('list', { name: 'Releases' }).textContent()).toContain('api@2026.11.22-1')
    expect(await faults(page).first().textContent()).toMatch(
      /TypeError Cannot read.*\n?.*POST \/checkout\/:cart\/pay/s,
    )
    expect(await page.locator('.span').textContent()).toContain('Europe/Berlin (GMT+1)')
    expect(await page.title()).toMatch(/^\d+ failed · JustAnalytics$/)
    expect(complaints).toEqual([])
  })

  it('asks its questions relative to where it is served', async () => {
    const page = await open({}, {}, '?env=production&range=15m')
    await faults(page).first().waitFor()
    const series = collector.asked.find(({ path, search }) => path === '/api/v1/series' && !search.has('by'))
    expect(series?.search.get('env')).toBe('production')
    expect(Date.parse(series?.search.get('to') ?? '') - Date.parse(series?.search.get('from') ?? '')).toBe(
      900_000,
    )
  })

  it('keeps hostile text inert and in its place', async () => {
    const page = await open({ viewport: NARROW })
    const hostile = faults(page).filter({ hasText: 'AAAA' })
    await hostile.locator('summary').first().click()
    await hostile.getByText('<img src=x onerror').first().waitFor()
    expect(await hostile.textContent()).toContain('⟨U+202E⟩txt.exe')
    expect(await page.locator('main img, main script, main b, main h1').count()).toBe(0)
    expect(await page.evaluate(() => Reflect.has(window, 'owned'))).toBe(false)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(NARROW.width)
    expect(complaints).toEqual([])
  })

  it('stays inside its budgets', async () => {
    const sizes = { js: 0, css: 0 }
    for (const name of await readdir(join(DIST, 'assets'))) {
      const size = gzipSync(await readFile(join(DIST, 'assets', name))).length
      if (name.endsWith('.js')) sizes.js += size
      if (name.endsWith('.css')) sizes.css += size
    }
    expect(sizes.js).toBeLessThan(35 * 1024)
    expect(sizes.css).toBeLessThan(8 * 1024)
  })

  it('says without JavaScript where the figures are', async () => {
    const page = await open({ javaScriptEnabled: false })
    expect(await page.locator('body').textContent()).toContain('api/v1/series')
  })
})

describe('live', () => {
  it('shows what was stored when the stream says so', async () => {
    const page = await open()
    await page.locator('.live-live').waitFor()
    collector.story.exceptions.unshift(paymentFailure(Date.now(), 'u_new'))
    collector.announce()
    await page.getByText('user u_new').waitFor()
  })

  it('asks at most once a second, however much there is to tell', async () => {
    const page = await open()
    await page.locator('.live-live').waitFor()
    const asked = () =>
      collector.asked.filter(({ path, search }) => path === '/api/v1/series' && !search.has('by'))
    await vi.waitUntil(
      () => {
        collector.announce()
        return asked().length >= 4
      },
      { timeout: 10_000, interval: 20 },
    )
    const gaps = asked().map(({ at }, index, all) => at - (all[index - 1]?.at ?? Number.NEGATIVE_INFINITY))
    expect(Math.min(...gaps)).toBeGreaterThan(900)
  })

  it('has one stream for all tabs of a browser', async () => {
    const page = await open()
    await page.locator('.live-live').waitFor()
    const other = await openTab(await page.context().newPage())
    await other.locator('.live-live').waitFor()
    expect(collector.listeners()).toBe(1)
    collector.story.exceptions.unshift(paymentFailure(Date.now(), 'u_both'))
    collector.announce()
    await Promise.all([page.getByText('user u_both').waitFor(), other.getByText('user u_both').waitFor()])
    await page.close()
    await vi.waitUntil(() => collector.listeners() === 1 && collector.asked.filter(isStream).length === 2)
  })

  it('lets go of the stream while it is paused or not seen', async () => {
    const page = await open()
    await page.getByRole('button', { name: 'Live Pause' }).click()
    await vi.waitUntil(() => collector.listeners() === 0)
    await page.getByRole('button', { name: 'Paused Resume' }).click()
    await vi.waitUntil(() => collector.listeners() === 1)
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: true, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    })
    await vi.waitUntil(() => collector.listeners() === 0)
  })

  it('says that the collector cannot be reached, keeps what it has, and recovers by itself', async () => {
    const page = await open()
    await page.locator('.live-live').waitFor()
    const before = await figure(page, 'Requests')
    collector.fail()
    await page.getByRole('alert').getByText('cannot be reached').waitFor()
    await page.locator('.live-lost').waitFor()
    expect(await figure(page, 'Requests')).toBe(before)
    expect(await violations(page)).toEqual([])
    collector.recover()
    await page.getByRole('alert').waitFor({ state: 'detached' })
    await page.locator('.live-live').waitFor({ timeout: 10_000 })
  })
})

function isStream({ path }: { path: string }): boolean {
  return path === '/api/v1/stream'
}

describe('the timeline', () => {
  it('is read, zoomed and left again with the keyboard alone', async () => {
    const page = await open()
    await slider(page).focus()
    await page.keyboard.press('End')
    for (let step = 0; step < 4; step++) await page.keyboard.press('ArrowLeft')
    const spoken = await slider(page).getAttribute('aria-valuetext')
    expect(spoken).toMatch(/\d+ requests, \d+ failed \(\d+ %\), \d+ answered 4xx/)
    const failed = /(\d+) failed/.exec(spoken ?? '')?.[1]
    expect(await figure(page, 'Failed')).toContain(failed)
    for (let step = 0; step < 9; step++) await page.keyboard.press('Shift+ArrowLeft')
    expect(await slider(page).getAttribute('aria-valuetext')).toContain('selected, Enter zooms in')
    await page.keyboard.press('Enter')
    const zoomed = addressOf(page)
    expect(Date.parse(zoomed.get('to') ?? '') - Date.parse(zoomed.get('from') ?? '')).toBe(600_000)
    await page.getByRole('button', { name: /Go live/ }).waitFor()
    await page.goBack()
    await page.getByRole('button', { name: /Pause/ }).waitFor()
    expect(addressOf(page).has('from')).toBe(false)
  })

  it('is zoomed by dragging', async () => {
    const page = await open()
    await faults(page).first().waitFor()
    const box = await slider(page).boundingBox()
    if (!box) throw new Error('the slider has no box')
    await page.mouse.move(box.x + box.width * 0.25, box.y + 60)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 5 })
    await page.locator('.selection').waitFor()
    await page.mouse.up()
    await vi.waitUntil(() => addressOf(page).has('to'))
    const length = Date.parse(addressOf(page).get('to') ?? '') - Date.parse(addressOf(page).get('from') ?? '')
    expect(length / 60_000).toBeGreaterThan(14)
    expect(length / 60_000).toBeLessThan(17)
  })

  it('shows the time since a release whose mark is pressed', async () => {
    const page = await open()
    await page.getByRole('button', { name: /since release api@2026.11.22-1/ }).focus()
    await page.keyboard.press('Enter')
    await vi.waitUntil(() => addressOf(page).has('from'))
    expect(Date.parse(addressOf(page).get('from') ?? '')).toBe(collector.story.deployedAt)
    expect(addressOf(page).has('to')).toBe(false)
    await page.getByRole('link', { name: 'since deploy' }).and(page.locator('[aria-current]')).waitFor()
  })

  it('has the same figures as a table', async () => {
    const page = await open()
    const total = await figure(page, 'Requests')
    await page.getByRole('button', { name: 'Figures as a table' }).click()
    const requests = await page.locator('tbody td:nth-child(2)').allTextContents()
    const sum = requests.reduce((all, text) => all + Number(text.replace(',', '')), 0)
    expect(sum.toLocaleString('en-GB')).toBe(total)
    expect(addressOf(page).get('figures')).toBe('table')
  })

  it('is filtered by what there is', async () => {
    const page = await open()
    await page
      .getByLabel('Environment')
      .getByRole('option', { name: 'staging' })
      .waitFor({ state: 'attached' })
    await page.getByLabel('Environment').selectOption('staging')
    await vi.waitUntil(() =>
      collector.asked.some(({ path, search }) => path.endsWith('events') && search.get('env') === 'staging'),
    )
    expect(addressOf(page).get('env')).toBe('staging')
  })
})

describe('an exception', () => {
  it('opens with the keyboard: own frames stand out, library frames are folded', async () => {
    const page = await open()
    await faults(page).first().locator('summary').first().focus()
    await page.keyboard.press('Enter')
    const first = faults(page).first()
    expect(await first.locator('.frame-own').allTextContents()).toEqual([
      'computeTotal /srv/shop/src/cart.ts:41:27',
      'Object.pay /srv/shop/src/routes/checkout.ts:88:19',
      'async Server.<anonymous> /srv/shop/src/server.ts:23:3',
    ])
    expect(await first.getByText('handleRequest.js').isVisible()).toBe(false)
    await first.getByText('4 frames of fastify, @fastify/cookie, node:internal').click()
    expect(await first.getByText('handleRequest.js').isVisible()).toBe(true)
    expect(await first.textContent()).toContain('019ab3c1-77aa-7000-8000-5f1c2e9d0001')
  })

  it('shows its causes', async () => {
    const page = await open()
    const outage = faults(page).filter({ hasText: 'DatabaseError' })
    await outage.locator('summary').first().click()
    expect(await outage.locator('.cause').textContent()).toContain('connect ECONNREFUSED 10.0.4.12:5432')
  })

  it('stays open while newer ones arrive', async () => {
    const page = await open()
    await page.locator('.live-live').waitFor()
    await faults(page).first().locator('summary').first().click()
    collector.story.exceptions.unshift(paymentFailure(Date.now(), 'u_newer'))
    collector.announce()
    await page.getByText('user u_newer').waitFor()
    expect(await faults(page).nth(0).locator('.fault-detail').count()).toBe(0)
    expect(await faults(page).nth(1).locator('.fault-detail').isVisible()).toBe(true)
  })

  it('is copied as Markdown', async () => {
    const page = await open({ permissions: ['clipboard-read', 'clipboard-write'] })
    await faults(page).first().locator('summary').first().click()
    await page.getByRole('button', { name: 'Copy as Markdown' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    expect(copied).toContain('- Where: `POST /checkout/:cart/pay`')
  })
})

describe('other states', () => {
  it('a collector without events says what to paste, and shows the first one at once', async () => {
    const page = await open({}, { events: 0, traffic: 0, exceptions: [], taskFailures: [] })
    const first = page.getByRole('region', { name: 'Waiting for the first event' })
    expect(await first.textContent()).toContain(`export JUSTANALYTICS_ENDPOINT=${collector.url}v1/events`)
    await page.screenshot({ path: join(ARTIFACTS, 'empty.png') })
    expect(await violations(page)).toEqual([])
    await page.locator('.live-live').waitFor()
    Object.assign(collector.story, { events: 1, traffic: 60 })
    collector.announce()
    await page.getByRole('heading', { name: 'Traffic and errors' }).waitFor()
  })

  it('a window in which nothing happened says so', async () => {
    const page = await open({}, { traffic: 0, exceptions: [], taskFailures: [] })
    await page.getByText('No requests in this window.').waitFor()
    await page.getByText('No exceptions in this window.').waitFor()
    expect(complaints).toEqual([])
  })

  it('lost events make the figures incomplete, in words', async () => {
    const page = await open({}, { complete: false, dropped: 1240 })
    await page.getByText('These figures are incomplete.').waitFor()
    expect(await page.locator('.health').textContent()).toMatch(/Dropped\s*1,240/)
  })

  it('the chosen theme outlives the page', async () => {
    const page = await open({ colorScheme: 'light' })
    await page.getByRole('button', { name: 'Switch to the dark theme' }).click()
    await page.reload()
    await page.getByRole('button', { name: 'Switch to the light theme' }).click()
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBeUndefined()
  })

  it('moves nothing for those who asked for that', async () => {
    const page = await open({ reducedMotion: 'reduce' })
    await page.locator('.live-live').waitFor()
    expect(await page.locator('.dot').evaluate(dot => getComputedStyle(dot).animationName)).toBe('none')
  })
})

describe.each(['light', 'dark'] as const)('in the %s theme', colorScheme => {
  it.each([
    ['wide', WIDE],
    ['narrow', NARROW],
  ])('%s: axe-core finds nothing and nothing sticks out', async (name, viewport) => {
    const page = await open({ colorScheme, viewport })
    await faults(page).first().locator('summary').first().click()
    await faults(page).filter({ hasText: 'DatabaseError' }).locator('summary').first().click()
    await page.locator('.cause').waitFor()
    await page.screenshot({ path: join(ARTIFACTS, `${colorScheme}-${name}.png`), fullPage: true })
    expect(await violations(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
    await page.getByRole('button', { name: 'Figures as a table' }).click()
    await page.locator('tbody tr').first().waitFor()
    await page.screenshot({ path: join(ARTIFACTS, `${colorScheme}-${name}-table.png`) })
    expect(await violations(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
    expect(complaints).toEqual([])
  })
})
