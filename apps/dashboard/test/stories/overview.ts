import { NEW } from '../history.js'
import { allBut } from '../proxy.js'
import { drawer, figure, panel, type Story } from '../world.js'

const FILTERS = {
  site: 'site_shop',
  env: 'production',
  release: NEW,
  flow: 'POST /checkout/:cart/pay',
  group: 'g1_0000000000000000',
  user: 'u_3',
  job: 'email.receipt',
  status: '5xx',
  q: 'total',
}
const PANELS = ['verdict', 'series', 'flows', 'releases', 'groups', 'users', 'jobs', 'pages']

/** What takes long, and is not looked at where this is held. */
const DEAR = /\/(verdict|users|jobs|pages)$/

/** The choices in the bar are of everything that there is. */
const NAMES = new Set<string | null>(['site', 'environment'])

export function overviewStories(story: Story): void {
  story('has every panel filled, and nothing to complain of', async ({ visit, expect }) => {
    const { page, proxy, complaints } = await visit('?range=1h')
    await panel(page, 'errors').getByText('TypeError: Cannot read').waitFor()
    expect(Number((await figure(page, 'Requests'))?.replace(',', ''))).toBeGreaterThan(2000)
    expect(await page.locator('#timeline svg .failed').count()).toBeGreaterThan(10)
    expect(await page.locator('.ghost').count()).toBe(1)
    expect(await page.getByRole('list', { name: 'Releases' }).textContent()).toContain(NEW)
    await panel(page, 'who').getByText('still failing').first().waitFor()
    await panel(page, 'jobs').getByText('email.receipt').first().waitFor()
    await panel(page, 'pages').getByText('/products/:id').waitFor()
    await panel(page, 'pages').getByText('Googlebot').waitFor()
    expect(await page.locator('.span').textContent()).toContain('Europe/Berlin (GMT+1)')
    // All of it came through the folder that the proxy serves the page in.
    // The verdict is in the page itself, and asked for from then on.
    expect(
      PANELS.slice(1).filter(name => !proxy.asked.some(({ path }) => path === `/api/v1/${name}`)),
    ).toEqual([])
    expect(complaints).toEqual([])
  })

  story(
    'names the countries that a proxy told of, and says nothing of them where it told none',
    async ({ look, expect }) => {
      const { page } = await look('user=u_0')
      const pages = panel(page, 'pages')
      await pages.getByRole('heading', { name: 'Countries' }).waitFor()
      await pages.getByText('Germany').waitFor()
      await look('user=u_57')
      await pages.getByText('Germany').waitFor({ state: 'detached' })
      await pages.getByText('Top pages').waitFor()
      expect(await pages.getByText('Countries').count()).toBe(0)
    },
  )

  story(
    'the verdict names the release, the error and the flow, and leads to each',
    async ({ look, expect }) => {
      const { page, proxy } = await look()
      const verdict = page.locator('.verdict')
      await verdict.getByRole('heading', { name: 'A deploy is suspect' }).waitFor()
      const sentence = await verdict.locator('.verdict-sentence').textContent()
      expect(sentence).toMatch(/^Since .* POST \/checkout\/:cart\/pay fails \d+ %/)
      expect(sentence).toContain(NEW)
      expect(sentence).toContain('computeTotal')
      await expect.poll(() => page.title()).toContain('A deploy is suspect')
      await verdict.getByRole('link', { name: 'Compare the releases' }).click()
      await drawer(page)
        .getByRole('heading', { name: /New errors/ })
        .waitFor()
      await drawer(page).getByRole('table', { name: 'New errors' }).getByText('TypeError').waitFor()
      await page.keyboard.press('Escape')
      proxy.hold(allBut())
      await verdict.getByRole('link', { name: 'Only this flow' }).click()
      await page.waitForURL(url => url.searchParams.get('flow') === 'POST /checkout/:cart/pay')
    },
  )

  story(
    'asks every question with every filter of the address, and shows each as a chip',
    async ({ visit, expect }) => {
      const { page, proxy } = await visit(`?${new URLSearchParams(FILTERS)}`, {
        repeat: allBut(),
        hold: DEAR,
      })
      await page.getByRole('link', { name: '6h' }).click()
      for (const name of PANELS) {
        const path = `/api/v1/${name}`
        const isIt = (asked: { path: string; search: URLSearchParams }) =>
          asked.path === path && !NAMES.has(asked.search.get('by'))
        await expect.poll(() => proxy.asked.some(isIt)).toBe(true)
        const search = proxy.asked.find(isIt)?.search
        for (const [filter, value] of Object.entries(FILTERS))
          expect([name, filter, search?.get(filter)]).toEqual([name, filter, value])
      }
      const chips = page.getByRole('list', { name: 'Filters' })
      for (const label of ['Release', 'Flow', 'Error', 'User', 'Job', 'Status', 'Search'])
        await chips.getByText(label, { exact: true }).waitFor()
      await chips.getByRole('link', { name: 'Without the filter user u_3' }).click()
      await page.waitForURL(url => !url.searchParams.has('user'))
      await chips.getByRole('link', { name: 'Clear filters' }).click()
      await page.waitForURL(url => !url.searchParams.has('q') && url.searchParams.get('site') === 'site_shop')
      await page.goBack()
      await page.waitForURL(url => url.searchParams.get('q') === 'total')
    },
  )

  story(
    'a search filters, a status filters by it, an id of a request opens it',
    async ({ visit, expect }) => {
      const { page } = await visit('?range=15m', { repeat: allBut(), hold: DEAR })
      await page.locator('.live-live').waitFor()
      await page.keyboard.press('/')
      await page.keyboard.type('total is undefined')
      await page.keyboard.press('Enter')
      await page.waitForURL(url => url.searchParams.get('q') === 'total is undefined')
      await panel(page, 'errors').getByText('TemplateError: total is undefined').waitFor()
      await expect.poll(() => panel(page, 'errors').getByText('RangeError').count()).toBe(0)
      await page.getByRole('searchbox').fill('404')
      await page.keyboard.press('Enter')
      await page.waitForURL(url => url.searchParams.get('status') === '404')
      await page.getByRole('searchbox').fill('019ab3c1-77aa-7000-8000-5f1c2e9dbad0')
      await page.keyboard.press('Enter')
      await page.waitForURL(url => url.searchParams.has('request'))
      await page.locator('dialog[open]').waitFor()
    },
  )
}
