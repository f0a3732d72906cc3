import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../helpers.js'
import { APPS } from './builds.js'
import { explain, judge, type Observation, observe } from './measure.js'

/** The whole set and all builds: `pnpm --filter @justanalytics/collector quality`. */
const BUILDS = ['plain', 'plain, renamed', 'bundled', 'minified, shifted', "Node's own maps"]

describe.each(APPS)("the %s's faults, thrown for real in builds of several kinds", app => {
  let mapped: Observation[]
  let bare: Observation[]

  beforeAll(async () => {
    const observed = await observe(app, temporaryFolder(afterAll), BUILDS)
    mapped = observed.mapped
    bare = observed.bare
  }, 180_000)

  it('are enough to judge by', () => {
    const { faults, observations } = judge(mapped)
    expect(faults).toBeGreaterThanOrEqual(60)
    expect(observations).toBe(faults * BUILDS.length * 2)
  })

  it('are told apart with source maps, and known again', () => {
    const { precision, recall } = judge(mapped)
    expect(precision, explain(mapped).join('\n')).toBeGreaterThanOrEqual(0.995)
    expect(recall, explain(mapped).join('\n')).toBeGreaterThanOrEqual(0.93)
  })

  it('are known again without them, as long as their files keep their names', () => {
    const plain = bare.filter(({ build }) => build.startsWith('plain'))
    const { precision, recall } = judge(plain)
    expect(precision, explain(plain).join('\n')).toBeGreaterThanOrEqual(0.995)
    expect(recall, explain(plain).join('\n')).toBeGreaterThanOrEqual(0.93)
  })
})
