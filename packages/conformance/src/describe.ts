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

    it('excuses only cases that exist, each with a reason', () => checkExcuses(subject, cases))

    for (const one of cases) {
      it(one.name, { timeout: 15_000 }, async () => {
        const reason = subject.cannot?.[one.name]
        const result: Result = { case: one.name, result: 'fail', ...(reason !== undefined && { reason }) }
        results.push(result)
        result.result = await judge(one, subject)
      })
    }
  })
}

/** Fails for an entry in `cannot` that names no case or gives no reason. */
export function checkExcuses(subject: HttpSubject, all: readonly Case[]): void {
  for (const [name, reason] of Object.entries(subject.cannot ?? {})) {
    expect(all.map(one => one.name)).toContain(name)
    expect(reason.trim()).not.toBe('')
  }
}

/** Runs a case; one that is excused must fail. */
export async function judge(one: Case, subject: HttpSubject): Promise<'pass' | 'cannot'> {
  if (subject.cannot?.[one.name] === undefined) {
    await one.run(subject)
    return 'pass'
  }
  try {
    await one.run(subject)
  } catch {
    return 'cannot'
  }
  throw new Error(`“${one.name}” passes: take it out of \`cannot\``)
}
