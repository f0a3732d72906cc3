import { event, HOSTILE_REQUEST, inWorkshop } from '../events.js'
import { NEW, OLD, OLDEST } from '../history.js'
import { allBut } from '../proxy.js'
import { drawer, firstOf, NARROW, type Story, searchOf } from '../world.js'

const SOURCE = ['export function priceOf(item: Item): number {', '  return item.price * item.count', '}']

/** Whether the heading that is a drawer's name is its own: there are others beneath it. */
function namesItself(drawers: Element[]): boolean[] {
  return drawers.map(each => {
    const heading = document.getElementById(each.getAttribute('aria-labelledby') ?? '')
    return heading?.closest('dialog') === each
  })
}

export function drawerStories(story: Story): void {
  story(
    'a link to a drawer opens it, and Back and forward go through what was looked at',
    async ({ visit, expect }) => {
      const { page } = await visit('?open=user%3Au_3', { repeat: allBut() })
      await drawer(page).getByRole('heading', { name: 'u_3' }).waitFor()
      await drawer(page).locator('.steps a').first().click()
      await page.waitForURL(
        url => url.searchParams.has('request') || url.searchParams.getAll('open').length > 1,
      )
      await expect.poll(() => page.locator('dialog[open]').count()).toBe(2)
      expect(await page.locator('dialog[open]').evaluateAll(namesItself)).toEqual([true, true])
      await page.goBack()
      await expect.poll(() => page.locator('dialog[open]').count()).toBe(1)
      await page.goForward()
      await expect.poll(() => page.locator('dialog[open]').count()).toBe(2)
      await page.goBack()
      await drawer(page).getByRole('button', { name: 'Close user' }).click()
      await expect.poll(() => page.locator('dialog').count()).toBe(0)
      expect([...searchOf(page).keys()]).toEqual(['site'])
    },
  )

  story('keeps the focus inside, and a press beside it closes it', async ({ look, expect }) => {
    const { page } = await look(`open=release%3A${encodeURIComponent(NEW)}`)
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
    async ({ collector, look, expect }) => {
      const { request_id: id = '', user_id: user = '' } = await firstOf(collector, 'jobs?status=failed')
      const { page } = await look(`request=${id}`)
      const request = drawer(page)
      await request.getByRole('heading', { name: 'The same user' }).waitFor()
      await request.getByText('this request').first().waitFor()
      expect(await request.locator('.facts').first().textContent()).toContain(id)
      const attempts = request.locator('.attempt')
      expect(await attempts.count()).toBe(3)
      await attempts.first().locator('summary').first().click()
      await attempts.first().getByText('/srv/shop/src/mail/receipt.ts:17:9').waitFor()
      await request.getByRole('link', { name: user }).first().click()
      await drawer(page).getByRole('heading', { name: user }).waitFor()
    },
  )

  story('a job leads to the request that caused it', async ({ look, expect }) => {
    const { page } = await look('status=failed&job=email.receipt')
    await page.getByRole('table', { name: 'The newest jobs' }).getByRole('link').first().click()
    await drawer(page).getByText('Attempt 3').waitFor()
    await drawer(page).getByRole('link', { name: 'POST /checkout/:cart/pay' }).click()
    await expect.poll(() => searchOf(page).has('request')).toBe(true)
  })

  story('an error shows the stack of its cause beneath its own', async ({ collector, look, expect }) => {
    const { id = '' } = await firstOf(collector, 'groups?q=DatabaseError')
    const { page } = await look(`open=group%3A${id}`)
    const cause = drawer(page).locator('.cause')
    expect(await cause.getByRole('heading').allTextContents()).toEqual(['Caused by'])
    expect(await cause.locator('.traceback-text').textContent()).toBe(
      'Error: connect ECONNREFUSED 10.0.4.12:5432',
    )
    expect(await cause.locator('.frame-own').allTextContents()).toEqual([
      'connect /srv/shop/src/database.ts:12:9',
    ])
    const folded = cause.getByText('TCPConnectWrap.afterConnect')
    expect(await folded.isVisible()).toBe(false)
    await cause.getByText('1 frame of node:net').click()
    await folded.waitFor()
  })

  story('a release is compared with another one that is chosen, and the address says which', async scene => {
    const { look, expect } = scene
    const { page } = await look(`open=release%3A${encodeURIComponent(NEW)}`)
    const release = drawer(page)
    const sides = () => release.locator('.totals dt').allTextContents()
    const gone = () => release.getByRole('heading', { name: /^Gone/ }).textContent()
    const choice = release.getByLabel('Compared with')
    await expect.poll(sides).toEqual([OLD, NEW])
    expect(await choice.inputValue()).toBe(OLD)
    expect(await gone()).toBe('Gone 1')
    await release.getByRole('table', { name: 'Gone' }).getByText('DatabaseError').waitFor()
    await choice.focus()
    await choice.selectOption(OLDEST)
    await expect.poll(sides).toEqual([OLDEST, NEW])
    expect(await gone()).toBe('Gone 0')
    await release.getByRole('table', { name: 'New errors' }).getByText('TypeError').waitFor()
    expect(await choice.evaluate(select => select === document.activeElement)).toBe(true)
    expect(searchOf(page).get('against')).toBe(OLDEST)
    await page.goBack()
    await expect.poll(sides).toEqual([OLD, NEW])
    expect(await choice.inputValue()).toBe(OLD)
    await look(String(new URLSearchParams({ open: `release:${NEW}`, against: OLDEST })))
    await expect.poll(sides).toEqual([OLDEST, NEW])
    await page.keyboard.press('Escape')
    await expect.poll(() => searchOf(page).has('against')).toBe(false)
  })

  story('what is not stored says so', async ({ look }) => {
    const { page } = await look('request=019ab000-0000-7000-8000-ffffffffffff')
    await drawer(page).getByText('Nothing is stored of this request').waitFor()
  })

  story('keeps hostile text inert and in its place', async ({ look, expect }) => {
    const { page, complaints } = await look(`request=${HOSTILE_REQUEST}`)
    await page.setViewportSize(NARROW)
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

  story(
    'a traceback of a minified build shows the lines of its source',
    async ({ collector, look, expect }) => {
      const request_id = event.id()
      const of = { release: 'shop@min-1', request_id, route: '/price', path: '/price', method: 'GET' }
      await collector.uploadMap({
        release: of.release,
        file: 'server.min.js',
        map: {
          version: 3,
          sources: ['src/price.ts'],
          sourcesContent: [SOURCE.join('\n')],
          names: [],
          // Column 20 of the only line comes from the second line, column 14.
          mappings: 'AAAA,oBACc',
        },
      })
      await collector.send(
        inWorkshop([
          event('pageview', Date.now(), { ...of, status_code: 500, duration_ms: 3, outcome: 'ok' }),
          event('exception', Date.now(), {
            ...of,
            exception_type: 'TypeError',
            exception_message: "Cannot read properties of undefined (reading 'price')",
            traceback:
              "TypeError: Cannot read properties of undefined (reading 'price')\n    at e (/srv/shop/dist/server.min.js:1:21)",
            mechanism: 'request',
            handled: true,
          }),
        ]),
      )
      const { page } = await look(`request=${request_id}`)
      const frame = drawer(page).locator('.frame-own').first()
      await frame.locator('.source-hit', { hasText: SOURCE[1] ?? '' }).waitFor()
      expect(await frame.locator('.source-number').allTextContents()).toEqual(['1', '2', '3'])
      expect(await frame.locator('.frame-call').textContent()).toContain('priceOf')
      expect(await frame.locator('.frame-place').textContent()).toBe('src/price.ts:2:15')
    },
  )
}
