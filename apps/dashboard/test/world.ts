import { join } from 'node:path'
import axe, { type AxeResults } from 'axe-core'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { type ExpectStatic, it } from 'vitest'
import { launchBrowser } from './browser.js'
import { startCollector, type TestCollector } from './collector.js'
import { shopHistory, shopReleases } from './history.js'
import type { PassingProxy } from './proxy.js'

export const ARTIFACTS: string = join(import.meta.dirname, '..', 'artifacts')
export const WIDE = { width: 1280, height: 900 }
export const NARROW = { width: 320, height: 640 }

/** One opening of the page, with a way to the collector that is its own. */
export interface Visit {
  page: Page
  proxy: PassingProxy
  /** What the browser complained of: errors of the console, exceptions, violations of the policy. */
  complaints: string[]
}

/** What one story has at hand. */
export interface Scene {
  /** The test's own: stories are told side by side. */
  expect: ExpectStatic
  collector: TestCollector
  /** When the shop's history was made. */
  now: number
  /** Opens the page; it is closed with the story. */
  visit(search?: string, options?: BrowserContextOptions, from?: TestCollector): Promise<Visit>
}

/** Tells one story in a test of its own. */
export type Story = (name: string, tell: (scene: Scene) => Promise<void>) => void

/** What all stories share: a browser, and a collector that knows the shop's history. */
export interface World {
  collector: TestCollector
  browser: Browser
  now: number
  close(): Promise<void>
}

export async function createWorld(): Promise<World> {
  const [collector, browser] = await Promise.all([startCollector(), launchBrowser()])
  const now = Date.now()
  for (const release of shopReleases(now)) await collector.announceRelease(release)
  await collector.send(shopHistory(now))
  return {
    collector,
    browser,
    now,
    async close() {
      await Promise.all([browser.close(), collector.close()])
    },
  }
}

export function storyIn(there: () => World): Story {
  return (name, tell) =>
    it(name, async ({ expect, onTestFinished }) => {
      const { browser, collector, now } = there()
      await tell({
        expect,
        collector,
        now,
        async visit(search = '', options = {}, from = collector) {
          const proxy = await from.reach()
          const context = await browser.newContext({
            viewport: WIDE,
            timezoneId: 'Europe/Berlin',
            reducedMotion: 'reduce',
            ...options,
          })
          onTestFinished(() => context.close())
          const page = await context.newPage()
          const complaints = listen(page)
          await page.goto(`${proxy.url}${search}`)
          return { page, proxy, complaints }
        },
      })
    })
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

/** What axe-core finds wrong with the page, or with the drawer over it, each with its element. */
export async function violations(page: Page): Promise<string[]> {
  // Evaluated by the debugger, which the page's policy does not bind.
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResults>(
    "axe.run(document.querySelector('dialog[open]') ?? document, { rules: { 'target-size': { enabled: true } } })",
  )
  return violations.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html.slice(0, 300)}`))
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

/** Moves along the timeline, back to the newest step with failures: the history does not grow while stories are told. */
export async function backToFailures(page: Page): Promise<string> {
  const slider = page.getByRole('slider')
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press('ArrowLeft')
    const spoken = (await slider.getAttribute('aria-valuetext')) ?? ''
    if (/, [1-9]\d* failed/.test(spoken)) return spoken
  }
  throw new Error('the timeline shows no failures')
}
