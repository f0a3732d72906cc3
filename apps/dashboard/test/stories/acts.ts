import type { Locator } from 'playwright-core'
import { bad, inWorkshop, outage, WORKSHOP } from '../events.js'
import { allBut } from '../proxy.js'
import { drawer, panel, type Story } from '../world.js'

async function mergeInto(group: Locator, name: RegExp): Promise<void> {
  await group.getByRole('button', { name: 'Merge into…' }).click()
  const choice = group.getByLabel('The error to merge into')
  await choice.getByRole('option', { name }).waitFor({ state: 'attached' })
  const label = await choice.getByRole('option', { name }).textContent()
  await choice.selectOption({ label: label ?? '' })
  await group.getByRole('button', { name: 'Merge', exact: true }).click()
  await group.getByText(/^Merged /).waitFor()
}

export function actStories(story: Story): void {
  story(
    'an error is resolved, muted, merged and split off, and each is taken back',
    async ({ collector, visit, expect }) => {
      await collector.send(inWorkshop([...bad(Date.now() - 60_000), outage(Date.now() - 50_000)]))
      const { page } = await visit(`?site=${WORKSHOP}&range=15m`, { repeat: allBut('groups') })
      const errors = panel(page, 'errors')
      await errors.getByRole('link', { name: /RangeError/ }).click()
      const group = drawer(page)
      const undo = () => group.getByRole('button', { name: 'Undo' }).click()

      await group.getByRole('button', { name: 'Resolve' }).click()
      await group.getByText('RESOLVED', { exact: true }).waitFor()
      await undo()
      await group.getByRole('button', { name: 'Mute', exact: true }).click()
      await group.getByText('MUTED', { exact: true }).waitFor()
      await errors.getByText('MUTED', { exact: true }).waitFor()
      await undo()
      await group.getByRole('button', { name: 'Resolve' }).waitFor()

      await mergeInto(group, /DatabaseError/)
      await expect.poll(() => errors.getByText('RangeError').count()).toBe(0)
      await undo()
      await errors.getByText('RangeError').waitFor()

      await group.getByRole('button', { name: 'Resolve' }).waitFor()
      await mergeInto(group, /DatabaseError/)
      await expect.poll(() => errors.getByText('RangeError').count()).toBe(0)
      await page.keyboard.press('Escape')
      await errors.getByRole('link', { name: /DatabaseError/ }).click()
      await group.getByRole('button', { name: /^Split .* off$/ }).click()
      await errors.getByText('RangeError').waitFor()
      await undo()
      await expect.poll(() => errors.getByText('RangeError').count()).toBe(0)
      await group.getByRole('button', { name: /^Split .* off$/ }).waitFor()
    },
  )
}
