import { event, inWorkshop, paymentFailure, WORKSHOP } from '../events.js'
import { allBut } from '../proxy.js'
import { drawer, figure, listen, panel, type Story, violations } from '../world.js'

const HERE = `?site=${WORKSHOP}&range=15m`

function failure(message: string) {
  const failed = paymentFailure(Date.now() - 1000, { user_id: 'u_live', request_id: event.id() })
  Object.assign(failed.properties, { exception_type: 'LiveError', exception_message: message })
  return inWorkshop([failed])
}

export function liveStories(story: Story): void {
  story('shows in every tab what was just stored, over one stream', async ({ collector, visit, expect }) => {
    const { page, proxy } = await visit(HERE, { context: {}, repeat: allBut('groups') })
    await page.locator('.live-live').waitFor()
    const other = await page.context().newPage()
    listen(other)
    await other.goto(`${proxy.url}${HERE}`)
    await other.locator('.live-live').waitFor()
    expect(proxy.streams()).toBe(1)
    await collector.send(failure('told to both'))
    const text = 'LiveError: told to both'
    await Promise.all([page, other].map(tab => panel(tab, 'errors').getByText(text).waitFor()))
    const opened = () => proxy.asked.filter(({ path }) => path === '/api/v1/stream').length
    expect(opened()).toBe(1)
    await page.close()
    // Whoever is left opens one of its own.
    await expect.poll(() => [opened(), proxy.streams()]).toEqual([2, 1])
  })

  story('asks at most once a second, however much there is to tell', async ({ collector, visit, expect }) => {
    // Answers that take their time would hide how often it asks.
    const { page, proxy } = await visit(HERE, { repeat: allBut() })
    await page.locator('.live-live').waitFor()
    const asked = () =>
      proxy.asked.filter(({ path, search }) => path.endsWith('/verdict') && !search.has('by'))
    const before = asked().length
    await expect
      .poll(
        async () => {
          await collector.send(inWorkshop([event('ping', Date.now(), {})]))
          return asked().length - before
        },
        { timeout: 45_000, interval: 100 },
      )
      .toBeGreaterThan(1)
    const gaps = asked().map(({ at }, index, all) => at - (all[index - 1]?.at ?? Number.NEGATIVE_INFINITY))
    expect(Math.min(...gaps)).toBeGreaterThan(900)
  })

  story('lets go of the stream while it is paused or not seen', async ({ visit, expect }) => {
    const { page, proxy } = await visit(HERE, { repeat: allBut() })
    await page.getByRole('button', { name: 'Live Pause' }).click()
    await expect.poll(() => proxy.streams()).toBe(0)
    await page.getByRole('button', { name: 'Paused Resume' }).click()
    await expect.poll(() => proxy.streams()).toBe(1)
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: true, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    })
    await expect.poll(() => proxy.streams()).toBe(0)
  })

  story(
    'says that the collector cannot be reached, keeps what it has, and recovers by itself',
    async ({ collector, visit, expect }) => {
      await collector.send(failure('before the outage'))
      const { page, proxy } = await visit(HERE, { repeat: allBut('groups') })
      await panel(page, 'errors').getByText('before the outage').waitFor()
      await page.locator('.live-live').waitFor()
      const before = await figure(page, 'Requests')
      proxy.fail()
      await page.getByRole('alert').getByText('cannot be reached').waitFor()
      await page.locator('.live-lost').waitFor()
      expect(await figure(page, 'Requests')).toBe(before)
      expect(await violations(page)).toEqual([])
      proxy.recover()
      await page.getByRole('alert').waitFor({ state: 'detached' })
      await page.locator('.live-live').waitFor()
    },
  )

  story(
    'waits for an answer that takes long and says so, and asks again where none comes',
    async ({ collector, visit, expect }) => {
      await collector.send(failure('slow to tell'))
      const { page, proxy } = await visit(HERE, { context: {}, repeat: allBut('groups') })
      await panel(page, 'errors').getByText('slow to tell').waitFor()
      await page.clock.install()

      proxy.hold(/\/groups/)
      await page.reload()
      const pages = panel(page, 'pages')
      await pages.getByText('No page was opened').or(pages.getByText('Top pages')).waitFor()
      await page.clock.fastForward(5000)
      await panel(page, 'errors').getByText('Still working on it…').waitFor()
      await page.clock.fastForward(60_000)
      await panel(page, 'errors').getByText('Still working on it…').waitFor()
      proxy.letGo()
      await panel(page, 'errors')
        .getByRole('link', { name: /slow to tell/ })
        .waitFor()

      proxy.hold(/\/groups\//)
      await panel(page, 'errors')
        .getByRole('link', { name: /slow to tell/ })
        .click()
      await page.clock.fastForward(5000)
      await drawer(page).getByText('Still working on it…').waitFor()
      await page.clock.fastForward(120_000)
      await drawer(page).getByText('no answer within two minutes. Trying again by itself.').waitFor()
      proxy.letGo()
      await page.clock.fastForward(1000)
      await drawer(page).getByText('computeTotal').first().waitFor()
      await expect.poll(() => page.getByRole('alert').count()).toBe(0)
    },
  )
}
