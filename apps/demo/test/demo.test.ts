import type { AppManifest } from '@justanalytics/shop/run'
import { describe, expect, it } from 'vitest'
import { APPS, sortApps, WORKERS } from '../src/apps.js'

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
