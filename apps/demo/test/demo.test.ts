import type { AppManifest } from '@justanalytics/shop/run'
import { describe, expect, it } from 'vitest'
import { APPS, sortApps, WORKERS } from '../src/apps.js'
import { brokenRelease } from '../src/findings.js'

describe('sortApps', () => {
  const app = (name: string, ...needs: string[]): AppManifest => ({
    name,
    folder: '.',
    command: ['node'],
    needs,
  })

  it('tells those that can run from those that miss something', () => {
    const apps = [app('shop'), app('jobs', 'redis-server', 'node')]
    expect(sortApps(apps, program => program === 'node')).toEqual({
      ready: [apps[0]],
      leftOut: [{ name: 'jobs', missing: ['redis-server'] }],
    })
    expect(sortApps(apps, () => true)).toEqual({ ready: apps, leftOut: [] })
  })

  it('knows each application by a name of its own', () => {
    const all = [...APPS, ...WORKERS]
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
  })
})

describe('brokenRelease', () => {
  const release = (name: string, requests: number, failures: number) => ({
    release: name,
    requests,
    failures,
  })

  it.each([
    ['one that fails far more often', [release('old', 900, 2), release('new', 600, 40)], 'new'],
    ['one that came second', [release('new', 600, 40), release('old', 900, 2)], 'new'],
    ['none where all fail alike', [release('old', 900, 30), release('new', 600, 25)], undefined],
    ['none where one failed once', [release('old', 900, 0), release('new', 20, 1)], undefined],
    ['none without another to compare with', [release('new', 600, 40)], undefined],
    ['none where nothing is stored', [], undefined],
  ])('is %s', (_, releases, broken) => {
    expect(brokenRelease(releases)).toBe(broken)
  })
})
