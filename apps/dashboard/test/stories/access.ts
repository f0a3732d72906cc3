import { NEW } from '../history.js'
import {
  firstOf,
  hourBefore,
  NARROW,
  picture,
  type Scene,
  type Story,
  settled,
  violations,
  violationsInBothThemes,
  WIDE,
} from '../world.js'

/** What is looked at: the page, the part of it that has another form, and every kind of drawer. */
async function views({ collector }: Scene): Promise<[name: string, search: string, part?: string][]> {
  const [group, request, job] = await Promise.all([
    firstOf(collector, 'groups?q=computeTotal'),
    firstOf(collector, 'requests?failed=true&flow=/checkout/:cart/pay'),
    firstOf(collector, 'jobs?status=failed'),
  ])
  const open = (kind: string, id = '') => `open=${encodeURIComponent(`${kind}:${id}`)}`
  return [
    ['page', ''],
    ['table', 'figures=table', '#timeline'],
    ['group', open('group', group.id)],
    ['request', `request=${request.id}`],
    ['user', open('user', 'u_3')],
    ['job', open('job', `${job.queue}/${job.id}`)],
    ['release', open('release', NEW)],
    ['flow', open('flow', 'POST /checkout/:cart/pay')],
  ]
}

/** What is wider than the place it scrolls in. */
function sticksOut(): string[] {
  return [document.documentElement, ...document.querySelectorAll('dialog')]
    .filter(each => each.scrollWidth > each.clientWidth)
    .map(each => `${each.tagName} ${each.scrollWidth} > ${each.clientWidth}`)
}

/** Where the focus is, and what of it cannot be seen at all; null where some of it can. */
function lookAtFocus(): { where: string | undefined; hidden: string | null } {
  const focused = document.activeElement
  const where = focused?.closest('header, section')?.id
  if (!focused || focused === document.body) return { where, hidden: null }
  const seen = [...focused.getClientRects()].some(({ left, top, width, height }) =>
    [0.1, 0.5, 0.9].some(part => {
      const there = document.elementFromPoint(left + width * part, top + height * part)
      return there && (focused.contains(there) || there.contains(focused))
    }),
  )
  return { where, hidden: seen ? null : focused.outerHTML.slice(0, 200) }
}

const MOST_STOPS = 400
/** The header and the verdict bear no id. */
const IN_ORDER = ['', 'timeline', 'flows', 'releases', 'errors', 'who', 'jobs', 'pages']

/** WCAG 2.2 AA as far as axe-core can tell, reflow at 320 px, and a focus that is never hidden. */
export function accessStories(story: Story): void {
  story('axe-core finds nothing on any view in both themes, nothing sticks out', async scene => {
    const { expect } = scene
    for (const [name, search, part] of await views(scene)) {
      const { page, complaints } = await scene.look(search)
      for (const viewport of [WIDE, NARROW]) {
        await page.setViewportSize(viewport)
        const where = [name, viewport.width]
        // Reflow changes no colours.
        const found = viewport === WIDE ? violationsInBothThemes(page, part) : violations(page, part)
        expect([...where, await found]).toEqual([...where, []])
        expect([...where, await page.evaluate(sticksOut)]).toEqual([...where, []])
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme })
          await picture(page, [colorScheme, ...where.toReversed()].join('-'), name === 'page')
        }
      }
      await page.setViewportSize(WIDE)
      expect(complaints).toEqual([])
    }
  })

  story('Tab goes through the page, and the focus can always be seen', async scene => {
    const { page } = await scene.visit(`?${new URLSearchParams(hourBefore(scene.now))}`)
    await settled(page)
    for (const viewport of [WIDE, NARROW]) {
      await page.setViewportSize(viewport)
      await page.evaluate(() => scrollTo(0, 0))
      const panels: string[] = []
      for (let stops = 0; stops < MOST_STOPS; stops++) {
        await page.keyboard.press('Tab')
        const { where, hidden } = await page.evaluate(lookAtFocus)
        scene.expect([viewport.width, hidden]).toEqual([viewport.width, null])
        // After the last one comes the browser's own, or the first again.
        if (panels.at(-1) === 'pages' && where !== 'pages') break
        if (where !== undefined && where !== panels.at(-1)) panels.push(where)
      }
      scene.expect([viewport.width, ...panels]).toEqual([viewport.width, ...IN_ORDER])
    }
  })
}
