import { formatLength } from '../../src/text/numbers.js'
import { startCollector } from '../collector.js'
import { event } from '../events.js'
import { allBut } from '../proxy.js'
import { figure, hourBefore, picture, type Story, searchOf, violations } from '../world.js'

export function stateStories(story: Story): void {
  story(
    'a collector without events says what to paste, then shows the first one, then what was lost',
    async ({ visit, expect }) => {
      const collector = await startCollector()
      try {
        const { page, proxy } = await visit('', { collector })
        const first = page.getByRole('region', { name: 'Waiting for the first event' })
        expect(await first.textContent()).toContain(`export JUSTANALYTICS_ENDPOINT=${proxy.url}v1/events`)
        await picture(page, 'empty')
        expect(await violations(page)).toEqual([])
        await page.locator('.live-live').waitFor()

        const request = { path: '/', method: 'GET', status_code: 200, duration_ms: 3, user_id: null }
        await collector.send([event('pageview', Date.now(), request)])
        await page.getByRole('heading', { name: 'Traffic and errors' }).waitFor()
        await page.getByText('No exceptions in this window.').waitFor()
        await expect.poll(() => figure(page, 'Requests')).toBe('1')

        const at = new Date().toISOString()
        await collector.send([
          event('client_report', Date.now(), { dropped: { queue_full: 1240 }, since: at, until: at }),
        ])
        await page.getByText('These figures are incomplete.').waitFor()
        await expect.poll(() => page.locator('.health').textContent()).toMatch(/Dropped\s*1,240/)
      } finally {
        await collector.close()
      }
    },
  )

  story(
    'tells how far the collector lags behind, and minds where it is much',
    async ({ collector, visit, expect }) => {
      const { page, proxy } = await visit('', { repeat: allBut('health') })
      const lag = page.locator('.health > div', { hasText: 'Lag' })
      const { lag_ms } = (await collector.ask('/api/v1/health')) as { lag_ms: number }
      expect(await lag.locator('dd').textContent()).toBe(formatLength(lag_ms))
      expect(await lag.getAttribute('class')).toBeNull()
      proxy.change('/api/v1/health', answer => ({ ...answer, lag_ms: 12_000 }))
      await page.getByRole('link', { name: '15m' }).click()
      await expect.poll(() => lag.locator('dd').textContent()).toBe('12 s')
      expect(await lag.getAttribute('class')).toBe('health-bad')
    },
  )

  story('a window in which nothing happened says so', async ({ look, expect }) => {
    const { page, complaints } = await look('user=nobody')
    await page.getByText('No requests in this window.').first().waitFor()
    await page.getByText('No exceptions in this window.').waitFor()
    await page.getByText('No job made an attempt in this window.').waitFor()
    await page.getByText('No page was opened in this window.').waitFor()
    expect(complaints).toEqual([])
  })

  story('the chosen theme outlives the page', async ({ visit, expect }) => {
    const { page } = await visit('', { repeat: allBut() })
    await page.getByRole('button', { name: 'Switch to the dark theme' }).click()
    await page.reload()
    await page.getByRole('button', { name: 'Switch to the light theme' }).click()
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBeUndefined()
  })

  story('moves nothing for those who asked for that', async ({ visit, expect }) => {
    const { page } = await visit('', { repeat: allBut() })
    await page.locator('.live-live').waitFor()
    expect(await page.locator('.dot').evaluate(dot => getComputedStyle(dot).animationName)).toBe('none')
  })

  story('holds the verdict without JavaScript, and leads to every answer', async ({ now, visit, expect }) => {
    // A window that stands still: loaded again, it is the same question.
    const hour = new URLSearchParams({ ...hourBefore(now), env: 'production' })
    const { page } = await visit(`?${hour}`, { context: { javaScriptEnabled: false } })
    // A collector that takes longer than the page waits leaves it out, for a reader to load it again.
    while ((await page.locator('.verdict-sentence').count()) === 0) await page.reload()
    expect(await page.locator('.verdict-sentence').textContent()).toMatch(
      /^Since .* POST \/checkout\/:cart\/pay fails \d+ %/,
    )
    await picture(page, 'no-javascript')
    await page.getByRole('link', { name: 'verdict.md', exact: true }).click()
    expect(await page.locator('body').textContent()).toContain('# A deploy is suspect')
    expect(searchOf(page).get('env')).toBe('production')
  })
}
