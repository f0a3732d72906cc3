import { LABORATORY, troubles } from '../troubles.js'
import { panel, picture, type Story, violationsInBothThemes } from '../world.js'

/** `onset`: its time is marked on the chart. */
type Case = [label: string, tone: string, says: RegExp, leads: string[], onset: boolean]

/** What the page makes of each verdict there is; a time of another day is said with its day. */
const VERDICTS: readonly Case[] = [
  [
    'A deploy is suspect',
    'bad',
    /^Since (\d+ \w+, )?\d\d:\d\d UTC .* new in api@2/,
    ['The error', 'The flow', 'Compare the releases', 'Only this flow'],
    true,
  ],
  [
    'A deploy may be behind it',
    'warn',
    /api@2 came into service .* and may be behind it/,
    ['The flow', 'Compare the releases', 'Only this flow'],
    true,
  ],
  ['Looks external', 'bad', /looks external/, ['The error', 'The flow', 'Only this flow'], true],
  [
    'Looks external, recovered',
    'warn',
    /^From (\d+ \w+, )?\d\d:\d\d UTC .*since then it does as usual/,
    ['The error', 'The flow', 'Only this flow'],
    true,
  ],
  ['One user or bot', 'warn', /One user, u_mad, makes/, ['The flow', 'The user', 'Only this flow'], true],
  [
    'An old error grew',
    'bad',
    /It is an old error that grew/,
    ['The error', 'The flow', 'Only this flow'],
    true,
  ],
  ['Traffic is up', 'warn', /traffic is .* times the usual/, [], true],
  ['Only jobs fail', 'bad', /job email\.receipt fails 100 % .*: 80 of 80 jobs\./, ['The error'], true],
  ['Quiet', 'good', /^All is quiet/, [], false],
  ['Not enough data', 'calm', /^Not enough data: 20 requests/, [], false],
  ['Data incomplete', 'warn', /12 events of this time were lost/, [], false],
]

export function verdictStories(story: Story): void {
  story(
    'says every verdict there is in words and in a tone, marks its time and leads to what it names',
    async ({ collector, now, look, expect }) => {
      await collector.send(troubles(now))
      const { proxy } = await look()
      proxy.hold(/\/(flows|releases|users|jobs|pages)$/)
      for (const [label, tone, says, leads, onset] of VERDICTS) {
        const there = new URLSearchParams({ site: LABORATORY, env: label })
        const { page, complaints } = await look(String(there), '.verdict, #timeline')
        const verdict = page.locator('.verdict')
        expect(await verdict.getByRole('heading').textContent()).toBe(label)
        expect([label, await verdict.getAttribute('class')]).toEqual([label, `panel verdict tone-${tone}`])
        expect(await verdict.locator('.verdict-sentence').textContent()).toMatch(says)
        expect([label, ...(await verdict.locator('.lead').allTextContents())]).toEqual([label, ...leads])
        expect(await page.title()).toBe(`${label} · ${LABORATORY} · JustAnalytics`)
        expect([label, await page.locator('.onset').count()]).toEqual([label, onset ? 1 : 0])
        expect(await page.locator('rect.onset-calm').count()).toBe(label === 'Traffic is up' ? 1 : 0)
        expect(await page.getByText('These figures are incomplete.').count()).toBe(
          label === 'Data incomplete' ? 1 : 0,
        )
        expect([label, await violationsInBothThemes(page, '.verdict')]).toEqual([label, []])
        await picture(page, `verdict-${label}`)
        expect([label, complaints]).toEqual([label, []])
      }
    },
  )

  story(
    "marks the trouble's time on the chart and beside its flow, from its first failure on",
    async ({ collector, now, look, expect }) => {
      const { page } = await look()
      const { searchParams } = new URL(page.url())
      const { onset } = (await collector.ask(`/api/v1/verdict?${searchParams}`)) as { onset: string }
      const flow = panel(page, 'flows').getByRole('row', { name: 'POST /checkout/:cart/pay' })
      expect(await flow.locator('time').first().getAttribute('datetime')).toBe(onset)
      const [begins, ...others] = await page
        .locator('.onset-line')
        .evaluateAll(lines => lines.map(line => Number(line.getAttribute('x1'))))
      expect(others).toEqual([])
      const axis = page.locator('#timeline svg > .floor, #timeline .floor').first()
      const [left, right] = await axis.evaluate(line => [
        Number(line.getAttribute('x1')),
        Number(line.getAttribute('x2')),
      ])
      // The axis has whole minutes: the hour lies within 61 of them.
      const minute = ((right ?? 0) - (left ?? 0)) / 61
      const first = Math.floor((now - 3_600_000) / 60_000) * 60_000
      expect(begins).toBeCloseTo((left ?? 0) + ((Date.parse(onset) - first) / 60_000) * minute, 0)
      const band = await page
        .locator('.onset')
        .evaluate(rect => ['x', 'width'].map(name => Number(rect.getAttribute(name))))
      expect(band[0]).toBe(begins)
      expect((band[0] ?? 0) + (band[1] ?? 0)).toBeCloseTo(right ?? 0, 0)
    },
  )
}
