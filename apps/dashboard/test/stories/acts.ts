import { drawer, panel, type Story } from '../world.js'

export function actStories(story: Story): void {
  story('an error is resolved, muted and merged, and each is taken back', async ({ visit, expect }) => {
    const { page } = await visit()
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

    await group.getByRole('button', { name: 'Merge into…' }).click()
    const choice = group.getByLabel('The error to merge into')
    await choice.getByRole('option', { name: /DatabaseError/ }).waitFor({ state: 'attached' })
    const label = await choice.getByRole('option', { name: /DatabaseError/ }).textContent()
    await choice.selectOption({ label: label ?? '' })
    await group.getByRole('button', { name: 'Merge', exact: true }).click()
    await group.getByText(/^Merged /).waitFor()
    await expect.poll(() => errors.getByText('RangeError').count()).toBe(0)
    await undo()
    await errors.getByText('RangeError').waitFor()
  })
}
