import type { Page } from 'playwright-core'
import { backToFailures, drawer, panel, type Scene, type Story, searchOf, tabTo } from '../world.js'

const OWN = ['computeTotal /srv/shop/src/cart.ts:41:27', 'Object.pay /srv/shop/src/routes/checkout.ts:88:19']

function errorLink(page: Page) {
  return panel(page, 'errors').getByRole('link', { name: /TypeError: Cannot read/ })
}

function occurrence(page: Page) {
  return drawer(page)
    .getByRole('link', { name: /POST \/checkout\/:cart\/pay/ })
    .first()
}

async function seeTraceback(page: Page, expect: Scene['expect']): Promise<void> {
  const request = drawer(page)
  await request.getByText('computeTotal').first().waitFor()
  const own = await request.locator('.frame-own').allTextContents()
  expect(own.slice(0, 2)).toEqual(OWN)
  expect(await request.getByText('handleRequest.js').first().isVisible()).toBe(false)
  await request.getByText('4 frames of fastify, @fastify/cookie, node:internal').first().waitFor()
}

/** From the spike to one request's traceback, in four actions at most. */
export function spikeStories(story: Story): void {
  story('spike, error, occurrence, traceback by mouse', async ({ visit, expect }) => {
    const { page } = await visit('?range=1h')
    const slider = page.getByRole('slider')
    const box = await slider.boundingBox()
    if (!box) throw new Error('the slider has no box')
    // Where an hour's last tenth is: well after the deploy.
    await page.mouse.click(box.x + box.width * 0.9, box.y + 60)
    await page.waitForURL(/from=/)
    await errorLink(page).click()
    await occurrence(page).click()
    await seeTraceback(page, expect)
    expect([...searchOf(page).keys()]).toEqual(['site', 'range', 'from', 'to', 'open', 'request'])
  })

  story(
    'spike, error, occurrence, traceback by keyboard, and back the same way',
    async ({ visit, expect }) => {
      const { page } = await visit()
      await tabTo(page, page.getByRole('slider'))
      await backToFailures(page)
      await page.keyboard.press('Enter')
      await page.waitForURL(/from=/)
      await errorLink(page).waitFor()
      await tabTo(page, errorLink(page))
      await page.keyboard.press('Enter')
      await occurrence(page).waitFor()
      await tabTo(page, occurrence(page))
      await page.keyboard.press('Enter')
      await seeTraceback(page, expect)

      await page.keyboard.press('Escape')
      await expect.poll(() => searchOf(page).has('request')).toBe(false)
      expect(await occurrence(page).evaluate(link => link === document.activeElement)).toBe(true)
      await page.keyboard.press('Escape')
      await expect.poll(() => page.locator('dialog').count()).toBe(0)
      expect(await errorLink(page).evaluate(link => link === document.activeElement)).toBe(true)
    },
  )
}
