import { join } from 'node:path'
import axe, { type AxeResults, type RunOptions } from 'axe-core'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { type ExpectStatic, it } from 'vitest'
import { launchBrowser } from './browser.js'
import { startCollector, type TestCollector } from './collector.js'
import { HOUR, SHOP, WORKSHOP } from './events.js'
import { shopHistory, shopReleases } from './history.js'
import type { PassingProxy } from './proxy.js'
import { LABORATORY } from './troubles.js'

const ARTIFACTS = join(import.meta.dirname, '..', 'artifacts')
export const WIDE = { width: 1280, height: 900 }
export const NARROW = { width: 320, height: 640 }

/** One opening of the page, with a way to the collector that is its own. */
export interface Visit {
  page: Page
  proxy: PassingProxy
  /** Errors of the console, exceptions, violations of the policy, and what was asked of other addresses. */
  complaints: string[]
}

/** What one story has at hand. */
export interface Scene {
  /** The test's own: stories are told side by side. */
  expect: ExpectStatic
  collector: TestCollector
  /** When the shop's history was made. */
  now: number
  /**
   * Looks at the shop's last hour, which is over: nothing of it is asked twice. The page is loaded once,
   * and taken elsewhere by its address; stories that only look share it.
   *
   * @param search - what there is in the address beside the hour
   * @param part - what of the page is waited for; all of it unless said
   */
  look(search?: string, part?: string): Promise<Visit>
  /** Opens the page, on the shop's site unless said; it is left with the story. */
  visit(search?: string, options?: VisitOptions): Promise<Visit>
}

export interface VisitOptions {
  /** Of a browser context of its own. Without it, it is a window that stories share, at an origin of its own:
   * storage, locks and channels are not shared. */
  context?: BrowserContextOptions
  /** Another one than the shop's. */
  collector?: TestCollector
  /** Held from the beginning on. */
  hold?: RegExp
  /** Repeated from the beginning on. */
  repeat?: RegExp
}

/** Tells one story in a test of its own. */
export type Story = (name: string, tell: (scene: Scene) => Promise<void>) => void

/** What all stories share: a browser, and a collector that knows the shop's history. */
export interface World {
  collector: TestCollector
  browser: Browser
  /** A new window takes longer than most stories. */
  window: Page
  /** Where stories look. */
  shown: Visit
  now: number
  close(): Promise<void>
}

/** Another address than the collector's is no place for a page that works without the internet. */
function isForeign(url: string, origin: string): boolean {
  return /^\w+:\/\//.test(url) && new URL(url).origin !== origin
}

const SEEN_AS: BrowserContextOptions = {
  viewport: WIDE,
  timezoneId: 'Europe/Berlin',
  colorScheme: 'light',
  reducedMotion: 'reduce',
}

async function newWindow(browser: Browser, options?: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ ...SEEN_AS, ...options })
  return context.newPage()
}

async function openShop(now: number): Promise<TestCollector> {
  const collector = await startCollector([WORKSHOP, LABORATORY])
  for (const release of shopReleases(now)) await collector.announceRelease(release)
  await collector.send(shopHistory(now))
  return collector
}

export async function createWorld(): Promise<World> {
  const now = Date.now()
  const [collector, browser] = await Promise.all([openShop(now), launchBrowser()])
  const window = await newWindow(browser)
  const page = await newWindow(browser, { permissions: ['clipboard-read', 'clipboard-write'] })
  const shown = watch(page, await collector.reach(hourBefore(now).to))
  return {
    collector,
    browser,
    window,
    shown,
    now,
    async close() {
      await Promise.all([browser.close(), collector.close()])
    },
  }
}

export function storyIn(there: () => World): Story {
  return (name, tell) =>
    it(name, async ({ expect, onTestFinished }) => {
      const { browser, collector, window, shown, now } = there()
      await tell({
        expect,
        collector,
        now,
        async look(search = '', part = ':root') {
          const { page, proxy, complaints } = shown
          complaints.length = 0
          onTestFinished(() => {
            proxy.letGo()
            return asBefore(page)
          })
          const asked = { ...hourBefore(now), ...Object.fromEntries(new URLSearchParams(search)) }
          const address = `?${new URLSearchParams(asked)}`
          if (!page.url().startsWith(proxy.url)) await page.goto(proxy.url + address)
          await go(page, address, part)
          await page.evaluate(() => scrollTo(0, 0))
          return shown
        },
        async visit(search = '', { context, collector: other, hold, repeat } = {}) {
          const page = context ? await newWindow(browser, context) : window
          onTestFinished(() => (context ? page.context().close() : leave(page)))
          const visit = watch(page, await (other ?? collector).reach(hourBefore(now).to))
          if (hold) visit.proxy.hold(hold)
          if (repeat) visit.proxy.repeat(repeat)
          const query = new URLSearchParams(search)
          if (!other && !query.has('site')) query.set('site', SHOP)
          await page.goto(`${visit.proxy.url}?${query}`)
          return visit
        },
      })
    })
}

/** The hour that ended at a moment, as the address of the shop's page says it. */
export function hourBefore(end: number): { site: string; from: string; to: string } {
  return { site: SHOP, from: new Date(end - HOUR).toISOString(), to: new Date(end).toISOString() }
}

function watch(page: Page, proxy: PassingProxy): Visit {
  const complaints = listen(page)
  const { origin } = new URL(proxy.url)
  page.on('request', request => {
    if (isForeign(request.url(), origin)) complaints.push(`asked ${request.url()}`)
  })
  return { page, proxy, complaints }
}

/** Lets go of all that a story did to the shared window. */
async function leave(page: Page): Promise<void> {
  page.removeAllListeners()
  await page.goto('about:blank')
  await asBefore(page)
}

async function asBefore(page: Page): Promise<void> {
  await page.setViewportSize(WIDE)
  await page.emulateMedia({ colorScheme: 'light' })
}

/** Keeps a picture in `artifacts`, where `PICTURES` is set: for people, and it takes its time. */
export async function picture(page: Page, name: string, fullPage = false): Promise<void> {
  if (process.env.PICTURES) await page.screenshot({ path: join(ARTIFACTS, `${name}.png`), fullPage })
}

export function listen(page: Page): string[] {
  page.setDefaultTimeout(45_000)
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  return complaints
}

/** All that axe-core judges by colours; nothing else is another in another theme. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block']

/** What axe-core finds wrong with the page, a part of it or the drawer over it, each with its element. */
export async function violations(page: Page, part = ':root'): Promise<string[]> {
  return runAxe(page, part, { rules: { 'target-size': { enabled: true } } })
}

/** The same in both themes. */
export async function violationsInBothThemes(page: Page, part = ':root'): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'light' })
  const inLight = await violations(page, part)
  await page.emulateMedia({ colorScheme: 'dark' })
  const inDark = await runAxe(page, part, { runOnly: COLOUR_RULES })
  await page.emulateMedia({ colorScheme: 'light' })
  return [...inLight, ...inDark.map(each => `dark: ${each}`)]
}

/** What is said of the last element like this, with nothing beside it: axe-core goes through all that is seen. */
async function alone<T>(selector: string, judge: (there: Element) => Promise<T>): Promise<T> {
  const there = [...document.querySelectorAll(selector)].at(-1) as Element
  const beside = [...document.body.querySelectorAll<HTMLElement>('*')].filter(
    each => each.parentElement?.contains(there) && !each.contains(there) && !there.contains(each),
  )
  for (const each of beside) each.style.display = 'none'
  try {
    return await judge(there)
  } finally {
    for (const each of beside) each.style.display = ''
  }
}

async function runAxe(page: Page, part: string, options: RunOptions): Promise<string[]> {
  // Evaluated by the debugger, which the page's policy does not bind.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source)
  const asked: RunOptions = { ...options, resultTypes: ['violations'], selectors: false, preload: false }
  const { violations } = await page.evaluate<AxeResults>(
    `(${alone})('dialog[open], ' + ${JSON.stringify(part)}, there => axe.run(there, ${JSON.stringify(asked)}))`,
  )
  return violations.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html.slice(0, 300)}`))
}

/** The first item that a question about the shop lists. */
export async function firstOf(collector: TestCollector, question: string): Promise<Record<string, string>> {
  const { items } = (await collector.ask(`/api/v1/${question}&site=${SHOP}&limit=1`)) as {
    items: Record<string, string>[]
  }
  if (!items[0]) throw new Error(`nothing is listed for ${question}`)
  return items[0]
}

/** Goes there without loading the page anew, as Back does, and waits for all that is asked. */
async function go(page: Page, search: string, part: string): Promise<void> {
  await page.evaluate(async search => {
    history.replaceState(null, '', search)
    dispatchEvent(new PopStateEvent('popstate'))
    // What the page asks it asks after it has drawn.
    for (let frames = 0; frames < 2; frames++)
      await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)))
  }, search)
  await settled(page, part)
}

/** Waits for everything that is on its way, in these parts of the page. */
export async function settled(page: Page, part = ':root'): Promise<void> {
  await page.waitForFunction(part => {
    const waiting = [...document.querySelectorAll('.skeleton, .panel[aria-busy="true"]')]
    return document.querySelector('main .panel, dialog') && !waiting.some(each => each.closest(part))
  }, part)
}

export function panel(page: Page, name: string): Locator {
  return page.locator(`#${name}`)
}

/** The top drawer. */
export function drawer(page: Page): Locator {
  return page.locator('dialog[open]').last()
}

export function figure(page: Page, label: string): Promise<string | null> {
  return page.locator('.figure', { hasText: label }).first().locator('dd').textContent()
}

export function searchOf(page: Page): URLSearchParams {
  return new URL(page.url()).searchParams
}

/** Presses Tab until the focus is where it should be. @throws if it never gets there */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 150; presses++) {
    if (await target.evaluate(element => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error('Tab does not get there')
}

/**
 * Moves along the timeline, back to the newest step with failed requests: the history does not grow while stories
 * are told. Jobs fail later than what enqueued them, in steps without a request, too.
 */
export async function backToFailures(page: Page): Promise<string> {
  const slider = page.getByRole('slider')
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press('ArrowLeft')
    const spoken = (await slider.getAttribute('aria-valuetext')) ?? ''
    if (/, [1-9]\d* failed \(/.test(spoken)) return spoken
  }
  throw new Error('the timeline shows no failures')
}
