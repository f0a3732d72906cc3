import { event, paymentFailure } from '../events.js'
import { figure, listen, panel, type Story, violations } from '../world.js'

function failure(message: string) {
  const failed = paymentFailure(Date.now() - 1000, { user_id: 'u_live', request_id: event.id() })
  Object.assign(failed.properties, { exception_type: 'LiveError', exception_message: message })
  return failed
}

export function liveStories(story: Story): void {
  story('shows in every tab what was just stored, over one stream', async ({ collector, visit, expect }) => {
    const { page, proxy } = await visit()
    await page.locator('.live-live').waitFor()
    const other = await page.context().newPage()
    listen(other)
    await other.goto(proxy.url)
    await other.locator('.live-live').waitFor()
    expect(proxy.streams()).toBe(1)
    await collector.send([failure('told to both')])
    const text = 'LiveError: told to both'
    await Promise.all([page, other].map(tab => panel(tab, 'errors').getByText(text).waitFor()))
    const opened = () => proxy.asked.filter(({ path }) => path === '/api/v1/stream').length
    expect(opened()).toBe(1)
    await page.close()
    // Whoever is left opens one of its own.
    await expect.poll(() => [opened(), proxy.streams()]).toEqual([2, 1])
  })

  story('asks at most once a second, however much there is to tell', async ({ collector, visit, expect }) => {
    const { page, proxy } = await visit('?range=15m')
    await page.locator('.live-live').waitFor()
    const asked = () =>
      proxy.asked.filter(({ path, search }) => path.endsWith('/verdict') && !search.has('by'))
    const before = asked().length
    await expect
      .poll(
        async () => {
          await collector.send([event('ping', Date.now(), {})])
          return asked().length - before
        },
        { timeout: 45_000, interval: 20 },
      )
      .toBeGreaterThan(2)
    const gaps = asked().map(({ at }, index, all) => at - (all[index - 1]?.at ?? Number.NEGATIVE_INFINITY))
    expect(Math.min(...gaps)).toBeGreaterThan(900)
  })

  story('lets go of the stream while it is paused or not seen', async ({ visit, expect }) => {
    const { page, proxy } = await visit()
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
    async ({ visit, expect }) => {
      const { page, proxy } = await visit()
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
}
