import { afterAll, describe, expect, it } from 'vitest'
import { cases } from './cases/index.js'
import type { Case } from './play.js'
import { type Result, writeReport } from './report.js'
import type { HttpSubject } from './subject.js'

/** Every case of the suite as one test for this adapter. */
export function describeHttpAdapter(subject: HttpSubject): void {
  describe(subject.name, () => {
    const results: Result[] = []
    afterAll(() => writeReport(subject.name, results))

    it('excuses only cases that exist, each with a reason', () => {
      for (const [name, reason] of Object.entries(subject.cannot ?? {})) {
        expect(cases.map(one => one.name)).toContain(name)
        expect(reason.trim()).not.toBe('')
      }
    })

    for (const one of cases) {
      const reason = subject.cannot?.[one.name]
      it(one.name, { timeout: 15_000 }, async () => {
        const result: Result = { case: one.name, result: 'fail', ...(reason !== undefined && { reason }) }
        results.push(result)
        if (reason === undefined) await one.run(subject)
        else await mustFail(one, subject)
        result.result = reason === undefined ? 'pass' : 'cannot'
      })
    }
  })
}

async function mustFail(one: Case, subject: HttpSubject): Promise<void> {
  try {
    await one.run(subject)
  } catch {
    return
  }
  throw new Error(`“${one.name}” passes: take it out of \`cannot\``)
}
