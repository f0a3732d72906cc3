import { DEPLOYED, NEW } from '../history.js'
import { allBut } from '../proxy.js'
import { backToFailures, figure, hourBefore, type Story, searchOf } from '../world.js'

export function timelineStories(story: Story): void {
  story('is read, zoomed and left again with the keyboard alone', async ({ visit, expect }) => {
    const { page, proxy } = await visit('?range=1h')
    const slider = page.getByRole('slider')
    await slider.focus()
    await page.keyboard.press('End')
    const spoken = await backToFailures(page)
    expect(spoken).toMatch(/\d+ requests?, \d+ failed \([\d.]+ %\), \d+ answered 4xx/)
    expect(await figure(page, 'Failed')).toContain(/(\d+) failed/.exec(spoken)?.[1])
    for (let step = 0; step < 9; step++) await page.keyboard.press('Shift+ArrowLeft')
    expect(await slider.getAttribute('aria-valuetext')).toContain('selected, Enter zooms in')
    proxy.repeat(allBut())
    await page.keyboard.press('Enter')
    const zoomed = searchOf(page)
    expect(Date.parse(zoomed.get('to') ?? '') - Date.parse(zoomed.get('from') ?? '')).toBe(600_000)
    await page.getByRole('button', { name: /Go live/ }).waitFor()
    await page.goBack()
    await page.getByRole('button', { name: /Pause/ }).waitFor()
    expect(searchOf(page).has('from')).toBe(false)
  })

  story('is zoomed by dragging', async ({ look, expect }) => {
    const { page } = await look()
    const end = searchOf(page).get('to')
    const box = await page.getByRole('slider').boundingBox()
    if (!box) throw new Error('the slider has no box')
    await page.mouse.move(box.x + box.width * 0.25, box.y + 60)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 5 })
    await page.locator('.selection').waitFor()
    await page.mouse.up()
    await page.waitForURL(url => url.searchParams.get('to') !== end)
    const length = Date.parse(searchOf(page).get('to') ?? '') - Date.parse(searchOf(page).get('from') ?? '')
    expect(length / 60_000).toBeGreaterThan(14)
    expect(length / 60_000).toBeLessThan(17)
  })

  story(
    'shows the time since a release whose mark is pressed, and that is the time since the deploy',
    async ({ now, visit, expect }) => {
      const { page, proxy } = await visit(`?${new URLSearchParams(hourBefore(now))}`)
      const mark = page.getByRole('button', { name: new RegExp(`since release ${NEW}`) })
      await mark.waitFor()
      proxy.repeat(allBut())
      await mark.press('Enter')
      await page.waitForURL(url => url.searchParams.has('from'))
      expect(Date.parse(searchOf(page).get('from') ?? '')).toBe(now - DEPLOYED)
      expect(searchOf(page).has('to')).toBe(false)
      await page.getByRole('link', { name: 'since deploy' }).waitFor()
    },
  )

  story('has the same figures as a table', async ({ look, expect }) => {
    const { page } = await look('figures=table')
    const rows = page.locator('#timeline tbody tr')
    await rows.first().waitFor()
    const sum = await rows.locator('td:nth-child(2)').allTextContents()
    const total = sum.reduce((all, text) => all + Number(text.replace(',', '')), 0)
    expect(total.toLocaleString('en-GB')).toBe(await figure(page, 'Requests'))
    await page.getByRole('button', { name: 'Figures as a table' }).click()
    await page.getByRole('slider').waitFor()
  })

  story('is filtered by the environments that there are', async ({ visit }) => {
    const { page } = await visit('', { repeat: allBut() })
    const choice = page.getByLabel('Environment')
    await choice.getByRole('option', { name: 'production' }).waitFor({ state: 'attached' })
    await choice.selectOption('production')
    await page.waitForURL(url => url.searchParams.get('env') === 'production')
  })
}
