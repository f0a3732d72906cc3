import { event, inWorkshop, MINUTE, paymentFailure, WORKSHOP } from '../events.js'
import { allBut } from '../proxy.js'
import { drawer, panel, type Story } from '../world.js'

const ENVIRONMENT = 'badges'

/** An error of its own kind, in an environment of its own. */
function fault(name: string, at: number, release: string) {
  const made = paymentFailure(at, { request_id: event.id(), release })
  Object.assign(made.properties, {
    exception_type: name,
    exception_message: name,
    traceback: `${name}: ${name}\n    at ${name} (/srv/shop/src/${name}.ts:1:1)`,
    environment: ENVIRONMENT,
  })
  return made
}

export function badgeStories(story: Story): void {
  story(
    'an error that grew says so, and one that came back in a release after it was resolved',
    async ({ collector, visit, expect }) => {
      const now = Date.now()
      const long = fault('FormerError', now - 180 * MINUTE, 'a')
      const before = [2, 1].map(minutes => fault('GrowingError', now - (60 + 10 * minutes) * MINUTE, 'a'))
      const since = Array.from({ length: 12 }, (_, index) => fault('GrowingError', now - index * MINUTE, 'a'))
      await collector.send(
        inWorkshop([long, ...before, ...since, fault('ReturningError', now - 5 * MINUTE, 'a')]),
      )
      const { page, proxy } = await visit(
        `?${new URLSearchParams({ site: WORKSHOP, env: ENVIRONMENT, range: '1h' })}`,
      )
      proxy.repeat(allBut('groups'))
      const row = (name: string) => panel(page, 'errors').getByRole('row', { name: new RegExp(name) })
      await row('GrowingError').getByText('GROWN', { exact: true }).waitFor()
      await row('ReturningError').getByText('NEW', { exact: true }).waitFor()

      await row('ReturningError').getByRole('link').first().click()
      await drawer(page).getByRole('button', { name: 'Resolve' }).click()
      await drawer(page).getByText('RESOLVED', { exact: true }).waitFor()
      await page.keyboard.press('Escape')
      await collector.send(inWorkshop([fault('ReturningError', Date.now(), 'b')]))
      await row('ReturningError').getByText('REGRESSED', { exact: true }).waitFor()
      expect(await row('ReturningError').getAttribute('class')).toBe('row-bad')
      await row('ReturningError').getByRole('link').first().click()
      await drawer(page).getByText('REGRESSED', { exact: true }).waitFor()
    },
  )
}
