import { describe, expect, it } from 'vitest'
import { choicesOf } from '../src/data/choices.js'
import type { Place } from '../src/data/shapes.js'

const deploy = (release: string, minute: number) => ({
  release,
  at: new Date(Date.UTC(2026, 10, 22, 3, minute)).toISOString(),
})
const PLACES: readonly Place[] = [
  { site: 'shop', environment: 'production', deploy: deploy('api@2', 2) },
  { site: 'shop', environment: 'staging', deploy: deploy('api@3', 30) },
  { site: 'blog', environment: 'production', deploy: deploy('blog@9', 45) },
  { site: 'blog', environment: null, deploy: null },
]

describe('what there is to choose from', () => {
  it.each([
    ['all', {}, ['production', 'staging'], 45],
    ['a site', { site: 'shop' }, ['production', 'staging'], 30],
    ['an environment of it', { site: 'shop', env: 'production' }, ['production', 'staging'], 2],
    ['an environment', { env: 'production' }, ['production', 'staging'], 45],
    ['a site nobody knows', { site: 'none' }, [], null],
  ])('of %s, and when a release came there last', (_, filters, environments, minute) => {
    const deployed = minute === null ? null : Date.UTC(2026, 10, 22, 3, minute)
    expect(choicesOf(PLACES, filters)).toEqual({ sites: ['blog', 'shop'], environments, deployed })
  })
})
