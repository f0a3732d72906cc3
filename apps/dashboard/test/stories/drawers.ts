import { HOSTILE_REQUEST } from '../events.js'
import { NEW } from '../history.js'
import { drawer, NARROW, type Story, searchOf } from '../world.js'

export function drawerStories(story: Story): void {
  story(
    'a link to a drawer opens it, and Back and forward go through what was looked at',
    async ({ visit, expect }) => {
      const { page } = await visit('?open=user%3Au_3')
      await drawer(page).getByRole('heading', { name: 'u_3' }).waitFor()
      await drawer(page).locator('.steps a').first().click()
      await page.waitForURL(
        url => url.searchParams.has('request') || url.searchParams.getAll('open').length > 1,
      )
      await expect.poll(() => page.locator('dialog[open]').count()).toBe(2)
      await page.goBack()
      await expect.poll(() => page.locator('dialog[open]').count()).toBe(1)
      await page.goForward()
      await expect.poll(() => page.locator('dialog[open]').count()).toBe(2)
      await page.goBack()
      await drawer(page).getByRole('button', { name: 'Close user' }).click()
      await expect.poll(() => page.locator('dialog').count()).toBe(0)
      expect(searchOf(page).size).toBe(0)
    },
  )

  story('keeps the focus inside, and a press beside it closes it', async ({ visit, expect }) => {
    const { page } = await visit(`?open=release%3A${encodeURIComponent(NEW)}`)
    await drawer(page).getByLabel('Compared with').waitFor()
    const isInside = () => page.evaluate(() => document.activeElement?.closest('dialog') !== null)
    for (let presses = 0; presses < 30; presses++) {
      await page.keyboard.press(presses < 20 ? 'Tab' : 'Shift+Tab')
      expect(await isInside()).toBe(true)
    }
    await page.mouse.click(20, 400)
    await expect.poll(() => page.locator('dialog').count()).toBe(0)
  })

  story(
    'a request shows its facts, its user around it and the attempts of its jobs',
    async ({ collector, visit, expect }) => {
      const { items } = (await collector.ask(
        '/api/v1/requests?failed=true&flow=/checkout/:cart/pay&limit=1',
      )) as {
        items: { id: string; user_id: string }[]
      }
      const { page } = await visit(`?request=${items[0]?.id}`)
      const request = drawer(page)
      await request.getByRole('heading', { name: 'The same user' }).waitFor()
      await request.getByText('this request').first().waitFor()
      expect(await request.locator('.facts').first().textContent()).toContain(items[0]?.id)
      const attempts = request.locator('.attempt')
      if ((await attempts.count()) > 1) {
        await attempts.first().locator('summary').first().click()
        await attempts.first().getByText('/srv/shop/src/mail/receipt.ts:17:9').waitFor()
      }
      await request
        .getByRole('link', { name: String(items[0]?.user_id) })
        .first()
        .click()
      await drawer(page)
        .getByRole('heading', { name: String(items[0]?.user_id) })
        .waitFor()
    },
  )

  story('a job leads to the request that caused it', async ({ visit, expect }) => {
    const { page } = await visit('?status=failed&job=email.receipt')
    await page.getByRole('table', { name: 'The newest jobs' }).getByRole('link').first().click()
    await drawer(page).getByText('Attempt 3').waitFor()
    await drawer(page).getByRole('link', { name: 'POST /checkout/:cart/pay' }).click()
    await expect.poll(() => searchOf(page).has('request')).toBe(true)
  })

  story('what is not stored says so', async ({ visit }) => {
    const { page } = await visit('?request=019ab000-0000-7000-8000-ffffffffffff')
    await drawer(page).getByText('Nothing is stored of this request').waitFor()
  })

  story('keeps hostile text inert and in its place', async ({ visit, expect }) => {
    const { page, complaints } = await visit(`?request=${HOSTILE_REQUEST}`, {
      viewport: NARROW,
    })
    const request = drawer(page)
    await request.getByText('<img src=x onerror').first().waitFor()
    await request.getByRole('heading', { name: 'The same user' }).waitFor()
    const text = await page.locator('body').textContent()
    expect(text).toContain('⟨U+202E⟩txt.exe')
    expect(text).not.toMatch(/[\u202A-\u202E]/)
    expect(text).toContain('</script><script>alert(2)</script>')
    expect(
      await page.locator('main img, main script, main b, dialog img, dialog script, dialog b').count(),
    ).toBe(0)
    expect(await page.evaluate(() => Reflect.has(window, 'owned'))).toBe(false)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(NARROW.width)
    expect(await request.evaluate(element => element.scrollWidth <= element.clientWidth)).toBe(true)
    expect(complaints).toEqual([])
  })

  story('is copied as Markdown', async ({ visit, expect }) => {
    const { page } = await visit(`?request=${HOSTILE_REQUEST}`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    await drawer(page).getByRole('button', { name: 'Copy as Markdown' }).click()
    await drawer(page).getByRole('button', { name: 'Copied' }).waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    expect(copied).toContain('- Where: `GET /<img src=x onerror="window.owned=true">`')
  })
}
