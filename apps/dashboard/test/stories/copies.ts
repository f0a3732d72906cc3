import type { Page } from 'playwright-core'
import { HOSTILE_REQUEST } from '../events.js'
import { NEW } from '../history.js'
import { drawer, firstOf, type Story } from '../world.js'

/** The panels, and what of them is in the copy. */
const PANELS: readonly (readonly [name: string, ...parts: RegExp[]])[] = [
  ['the verdict', /^### A deploy is suspect\n/, /`?POST \/checkout\/:cart\/pay`? fails/, /\n- /],
  ['Traffic and errors', /^### Traffic and errors\n/, /\| Per minute \| Requests \|/, /\n\| 20\d\d-/],
  ['Flows', /\| Flow \| Requests \|/, /\| POST \/checkout\/:cart\/pay \|/],
  ['Releases', /\| Release \| First seen \|/, /api@2026\.11\.22-1/],
  ['Errors', /\| Error \|/, /NEW TypeError: Cannot read properties .* in computeTotal/],
  ['Who', /\| Who \| Failed \|/, /\| user u\\_\d+ \| \d+ of \d+ \|.*still failing/],
  ['Jobs', /\| Job \| Done \| Failed \|/, /\| email.receipt in mail \|/],
  ['Pages', /\| \/products\/:id \|/],
]

async function copied(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText())
}

export function copyStories(story: Story): void {
  story('every panel and every drawer is copied as Markdown', async ({ collector, look, expect }) => {
    const { page } = await look()
    for (const [name, ...parts] of PANELS) {
      await page.getByRole('button', { name: `Copy ${name} as Markdown` }).click()
      await expect.poll(() => copied(page)).toMatch(parts[0] ?? '')
      for (const part of parts) expect(await copied(page)).toMatch(part)
    }

    const [group, job] = await Promise.all([
      firstOf(collector, 'groups?q=computeTotal'),
      firstOf(collector, 'jobs?status=failed'),
    ])
    const drawers: [kind: string, id: string, ...parts: RegExp[]][] = [
      ['group', group.id ?? '', /^### `TypeError/, /- Users: /, /at computeTotal \(\/srv/],
      ['user', 'u_3', /^### u\\_3\n/, /\| When \| What \|/],
      ['job', `${job.queue}/${job.id}`, /^### `email.receipt in mail/, /- Caused by: `POST/, /at render \(/],
      ['release', NEW, /^### `api@2026.11.21-3 and api@2026.11.22-1`/, /### new\n/, /Now, per 1,000/],
      ['flow', 'POST /checkout/:cart/pay', /^### `POST/, /- Above the usual: /, /### Errors\n/, /### Who\n/],
      ['request', HOSTILE_REQUEST, /- Where: `GET \/<img src=x onerror="window\.owned=true">`/],
    ]
    for (const [kind, id, ...parts] of drawers) {
      const opened = kind === 'request' ? { request: id } : { open: `${kind}:${id}` }
      await look(String(new URLSearchParams(opened)))
      await drawer(page).getByRole('button', { name: 'Copy as Markdown' }).click()
      for (const part of parts) await expect.poll(() => copied(page)).toMatch(part)
    }
  })
}
