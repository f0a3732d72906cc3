import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { HOUR } from '../events.js'
import { NEW } from '../history.js'
import { ARTIFACTS, NARROW, panel, type Scene, type Story, violations, WIDE } from '../world.js'

/** What is looked at: the page, and every kind of drawer. */
async function views({ collector }: Scene): Promise<[name: string, search: string][]> {
  const first = async (question: string) => {
    const { items } = (await collector.ask(`/api/v1/${question}&limit=1`)) as {
      items: Record<string, string>[]
    }
    return items[0] ?? {}
  }
  const [group, request, job] = await Promise.all([
    first('groups?q=computeTotal'),
    first('requests?failed=true&flow=/checkout/:cart/pay'),
    first('jobs?status=failed'),
  ])
  const open = (kind: string, id = '') => `?open=${encodeURIComponent(`${kind}:${id}`)}`
  return [
    ['page', '?'],
    ['table', '?figures=table'],
    ['group', open('group', group.id)],
    ['request', `?request=${request.id}`],
    ['user', open('user', 'u_3')],
    ['job', open('job', `${job.queue}/${job.id}`)],
    ['release', open('release', NEW)],
    ['flow', open('flow', 'POST /checkout/:cart/pay')],
  ]
}

/** Goes there without loading the page anew, as Back does. */
async function go(page: Page, search: string): Promise<void> {
  await page.evaluate(search => {
    history.replaceState(null, '', search)
    dispatchEvent(new PopStateEvent('popstate'))
  }, search)
  await page.waitForFunction(() => document.querySelector('.skeleton') === null)
}

/** What is wider than the place it scrolls in. */
function sticksOut(): string[] {
  return [document.documentElement, ...document.querySelectorAll('dialog')]
    .filter(each => each.scrollWidth > each.clientWidth)
    .map(each => `${each.tagName} ${each.scrollWidth} > ${each.clientWidth}`)
}

/** WCAG 2.2 AA as far as axe-core can tell, and reflow at 320 px. */
export function accessStories(story: Story): void {
  for (const colorScheme of ['light', 'dark'] as const)
    story(`${colorScheme}: axe-core finds nothing on any view, nothing sticks out`, async scene => {
      const { expect } = scene
      // A window that is over: what is looked at stands still.
      const hour = `from=${new Date(scene.now - HOUR).toISOString()}&to=${new Date(scene.now).toISOString()}`
      const { page, complaints } = await scene.visit(`?${hour}`, { colorScheme })
      await panel(page, 'errors').getByRole('table').waitFor()
      for (const [name, search] of await views(scene)) {
        await go(page, `${search}&${hour}`)
        for (const viewport of [WIDE, NARROW]) {
          await page.setViewportSize(viewport)
          const path = join(ARTIFACTS, `${colorScheme}-${viewport.width}-${name}.png`)
          await page.screenshot({ path, fullPage: name === 'page' })
          expect([name, viewport.width, await violations(page)]).toEqual([name, viewport.width, []])
          expect([name, viewport.width, await page.evaluate(sticksOut)]).toEqual([name, viewport.width, []])
        }
        await page.setViewportSize(WIDE)
      }
      expect(complaints).toEqual([])
    })
}
