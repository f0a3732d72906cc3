import { describe, expect, it } from 'vitest'
import { type Change, changeOf } from '../../src/query/arithmetic/compare.js'
import { type Candidate, decide, type Facts } from '../../src/query/arithmetic/decide.js'
import { endOfService, overlap } from '../../src/query/arithmetic/overlap.js'
import { findSurge } from '../../src/query/arithmetic/surge.js'

const HOUR = 3_600_000
const ONSET = 100 * HOUR
const NONE = { requests: 0, failures: 0 }

const facts = (more: Partial<Facts>): Facts => ({
  onset: ONSET,
  requests: 1000,
  failures: 400,
  excess: 396,
  worst: 5,
  groups: [],
  candidates: [],
  network: false,
  ...more,
})
const candidate = (more: Partial<Candidate> = {}): Candidate => ({
  release: 'b',
  previous: 'a',
  at: ONSET - HOUR,
  sideBySide: { old: NONE, new: NONE },
  before: NONE,
  ...more,
})
const group = (firstRelease: string, firstSeen: number, count = 400) => ({
  count,
  expected: 2,
  firstSeen,
  firstRelease,
})
const fresh = group('b', ONSET)
const old = group('a', ONSET - 90 * HOUR)
const sides = (old: number, of: number, fresh: number, ofFresh: number) => ({
  old: { requests: of, failures: old },
  new: { requests: ofFresh, failures: fresh },
})

describe('what is behind a trouble', () => {
  const cases: [
    name: string,
    facts: Partial<Facts>,
    state: string,
    strength: string | null,
    release?: string,
  ][] = [
    [
      'a release that fails beside a sound one',
      { candidates: [candidate({ sideBySide: sides(0, 130, 52, 140) })] },
      'deploy_suspect',
      'strong',
      'b',
    ],
    [
      'one that brings its own error',
      { candidates: [candidate()], groups: [fresh] },
      'deploy_suspect',
      'strong',
      'b',
    ],
    [
      'the earlier of two, whose error it is',
      { candidates: [candidate({ release: 'c', previous: 'b' }), candidate()], groups: [fresh] },
      'deploy_suspect',
      'strong',
      'b',
    ],
    [
      'no release that brings four fifths of it at most',
      {
        candidates: [candidate()],
        groups: [
          { ...fresh, count: 300 },
          { ...old, count: 100 },
        ],
      },
      'deploy_suspect',
      'weak',
      'b',
    ],
    [
      'no release by too few requests beside',
      { candidates: [candidate({ sideBySide: sides(0, 49, 20, 140) })] },
      'deploy_suspect',
      'weak',
      'b',
    ],
    ['one user', { worst: 240, groups: [old], candidates: [candidate()] }, 'one_user', null],
    [
      'a strong suspect before one user',
      { worst: 400, groups: [fresh], candidates: [candidate()] },
      'deploy_suspect',
      'strong',
      'b',
    ],
    ['not one user with less than 60 %', { worst: 237 }, 'external', null],
    [
      'an old error',
      { groups: [old], candidates: [candidate({ sideBySide: sides(30, 100, 33, 100) })] },
      'old_error_grew',
      null,
    ],
    ['an old error with no release near', { groups: [old] }, 'old_error_grew', null],
    [
      'the network, be its error old, with no release near',
      { groups: [old], network: true },
      'external',
      null,
    ],
    ['nothing of ours with no release near', { groups: [group('a', ONSET)] }, 'external', null],
    [
      'the network, which hits all releases',
      { groups: [fresh], network: true, candidates: [candidate({ sideBySide: sides(30, 100, 33, 100) })] },
      'external',
      null,
    ],
    [
      'the network, where the release served well before',
      {
        groups: [fresh],
        network: true,
        candidates: [candidate({ before: { requests: 5000, failures: 10 } })],
      },
      'external',
      null,
    ],
    [
      'a release that cannot reach what it needs',
      { groups: [fresh], network: true, candidates: [candidate()] },
      'deploy_suspect',
      'strong',
      'b',
    ],
    [
      'no release that fails like the one beside it',
      { candidates: [candidate({ sideBySide: sides(30, 100, 33, 100) })] },
      'external',
      null,
    ],
    [
      'perhaps a release, with nothing to prove it',
      { candidates: [candidate()] },
      'deploy_suspect',
      'weak',
      'b',
    ],
  ]
  it.each(cases)('is %s', (_, given, state, strength, release) => {
    const found = decide(facts(given))
    expect([found.state, found.strength, found.suspect?.release]).toEqual([state, strength, release])
  })
})

describe('two releases side by side', () => {
  const cases: [
    name: string,
    a: [number, number],
    b: [number, number],
    both: [number, number] | undefined,
  ][] = [
    ['never', [0, 60], [60, 120], undefined],
    ['for a while', [0, 60], [40, 120], [40, 60]],
    ['while one of few requests serves', [0, 120], [40, 50], [40, 50]],
  ]
  it.each(cases)('serve %s', (_, a, b, both) => {
    const interval = ([from, to]: [number, number]) => ({ from, to })
    expect(overlap(interval(a), interval(b))).toEqual(both && interval(both))
  })
})

describe('a release serves until', () => {
  const cases: [name: string, minutes: number[], end: number][] = [
    ['its only request', [5], 5],
    ['its last one, of many', [0, 1, 2, 3, 4], 4],
    ['its last one, after a lull', [0, 1, 2, 3, 12], 12],
    ['its last one, where few are made of it', [0, 20, 55, 90, 200], 200],
    ['the last before a straggler', [0, 1, 2, 3, 33], 3],
    ['the last before stragglers', [0, 1, 2, 3, 43, 700], 3],
    ['its first, where but a straggler follows', [0, 30], 0],
  ]
  it.each(cases)('%s', (_, minutes, end) => {
    expect(endOfService(minutes.map(minute => minute * 60_000))).toBe(end * 60_000)
  })
})

describe('an error from one release to another', () => {
  const cases: [a: number, of: number, b: number, ofB: number, change: Change][] = [
    [0, 1000, 1, 1000, 'new'],
    [1, 1000, 0, 1000, 'gone'],
    [5, 1000, 6, 1000, 'same'],
    [5, 1000, 60, 1000, 'grown'],
    [5, 1000, 11, 2000, 'same'],
    [50, 10_000, 2, 100, 'same'],
    [60, 1000, 5, 1000, 'same'],
    [1, 0, 5, 0, 'same'],
  ]
  it.each(cases)('%d of %d, then %d of %d, is %s', (a, of, b, ofB, change) => {
    expect(changeOf({ count: a, requests: of }, { count: b, requests: ofB })).toBe(change)
  })
})

describe('traffic', () => {
  type Part = [requests: number, usual: number | undefined]
  const cells = (...parts: Part[]) => parts.map(([requests, usual], at) => ({ at, requests, usual }))
  const calm: Part = [100, 100]
  const up: Part = [300, 100]

  const cases: [name: string, cells: Part[], from: number | undefined, to: number | undefined][] = [
    ['is as usual', [calm, calm, calm], undefined, undefined],
    ['is up for one part only', [calm, up, calm, calm], undefined, undefined],
    ['is up and lasts', [calm, calm, up, up], 2, undefined],
    ['is up though the last part is not over', [calm, up, up, [20, 100]], 1, undefined],
    ['was up', [up, up, calm, calm], 0, 2],
    [
      'is up by too little to speak of',
      [
        [8, 2],
        [8, 2],
        [8, 2],
      ],
      undefined,
      undefined,
    ],
    [
      'is not told of hours that are not known',
      [
        [500, undefined],
        [500, undefined],
        [100, 100],
        [100, 100],
      ],
      undefined,
      undefined,
    ],
    [
      'is not told without a past',
      [
        [500, 0],
        [500, 0],
      ],
      undefined,
      undefined,
    ],
  ]
  it.each(cases)('%s', (_, parts, from, to) => {
    const surge = findSurge(cells(...parts), 1)
    expect([surge?.from, surge?.to]).toEqual([from, to])
  })
})
