import { describe, expect, it, vi } from 'vitest'
import { brief, reveal } from '../src/text/hostile.js'
import { formatCount, formatLength, formatRate } from '../src/text/numbers.js'
import {
  formatAgo,
  formatExact,
  formatLocalSpan,
  formatMoment,
  formatSince,
  formatSpan,
  formatStep,
  timeTicks,
} from '../src/text/time.js'
import { runsOf } from '../src/text/verdict.js'

describe('numbers', () => {
  it.each([
    [null, '–'],
    [0, '0 %'],
    [0.00001, '< 0.01 %'],
    [0.004, '0.40 %'],
    [0.038, '3.8 %'],
    [0.38, '38 %'],
    [0.99999, '99.9 %'],
    [1, '100 %'],
  ])('the share %d reads %s', (share, text) => {
    expect(formatRate(share)).toBe(text)
  })

  it.each([
    [0, '0 ms'],
    [184.4, '184 ms'],
    [3200, '3.2 s'],
    [4000, '4 s'],
    [59_000, '59 s'],
    [4 * 60_000, '4 min'],
    [30 * 3_600_000, '30 h'],
    [3 * 86_400_000, '3 d'],
  ])('%d ms read %s', (ms, text) => {
    expect(formatLength(ms)).toBe(text)
  })

  it('groups thousands', () => expect(formatCount(1083)).toBe('1,083'))
})

describe('time', () => {
  const now = Date.UTC(2026, 10, 22, 3, 2)

  it.each([
    [-60_000, 'just now'],
    [1000, 'just now'],
    [12_000, '12 s ago'],
    [180_000, '3 min ago'],
    [7_200_000, '2 h ago'],
    [5 * 86_400_000, '5 d ago'],
  ])('%d ms before now is %s', (ms, text) => {
    expect(formatAgo(now - ms, now)).toBe(text)
  })

  it.each([
    [1000, 'second'],
    [30_000, '30 seconds'],
    [60_000, 'minute'],
    [90_000, '90 seconds'],
    [600_000, '10 minutes'],
    [3_600_000, 'hour'],
    [2 * 86_400_000, '2 days'],
  ])('a step of %d ms is called %s', (ms, text) => {
    expect(formatStep(ms)).toBe(text)
  })

  it('names the second date only where it is another', () => {
    expect(formatSpan(now, now + 3_600_000)).toBe('22 Nov, 03:02 – 04:02 UTC')
    expect(formatSpan(now - 86_400_000, now)).toBe('21 Nov, 03:02 – 22 Nov, 03:02 UTC')
  })

  it('names its zone, and the date where it is not the one that is spoken of', () => {
    expect(formatMoment(now)).toBe('22 Nov, 03:02 UTC')
    expect(formatMoment(now, 1000)).toBe('22 Nov, 03:02:00 UTC')
    expect(formatExact(now)).toBe('22 November 2026, 03:02:00.000 UTC')
    expect(formatExact(now, 0)).toBe('22 November 2026, 03:02:00 UTC')
    expect(formatSince(now - 3_600_000, now)).toBe('02:02 UTC')
    expect(formatSince(now - 4 * 3_600_000, now)).toBe('21 Nov, 23:02 UTC')
  })

  it.each([
    ['UTC', null],
    ['Africa/Abidjan', null],
    ['Europe/Berlin', '22 Nov, 04:02 – 05:02 in Europe/Berlin (GMT+1)'],
    ['America/St_Johns', '21 Nov, 23:32 – 22 Nov, 00:32 in America/St_Johns (GMT-3:30)'],
  ])('is told once by the clock of a reader in %s', (zone, text) => {
    vi.stubEnv('TZ', zone)
    expect(formatLocalSpan(now, now + 3_600_000)).toBe(text)
    vi.unstubAllEnvs()
  })

  it('ticks at round times, midnight with its date', () => {
    const from = Date.UTC(2026, 10, 21, 20, 17)
    expect(timeTicks(from, from + 8 * 3_600_000, 5).map(tick => tick.label)).toEqual([
      '22:00',
      '22 Nov',
      '02:00',
      '04:00',
    ])
  })

  it('never has more ticks than asked for, but one', () => {
    for (const hours of [0.02, 0.25, 1, 6, 24, 72, 168])
      expect(timeTicks(now - hours * 3_600_000, now, 6).length).toBeLessThanOrEqual(7)
  })
})

describe('hostile text', () => {
  it.each([
    ['a right-to-left override', 'a\u202Etxt.exe', 'a⟨U+202E⟩txt.exe'],
    ['an isolate', '\u2066x\u2069', '⟨U+2066⟩x⟨U+2069⟩'],
    ['a terminal escape', '\u001b[31mred', '⟨U+001B⟩[31mred'],
    ['line feeds and tabs, which stay', 'a\r\n\tb\n', 'a\n\tb\n'],
    ['markup, which is only text', '<img onerror=x>', '<img onerror=x>'],
    ['other scripts, which stay', 'שלום 你好 👩‍👩‍👧', 'שלום 你好 👩‍👩‍👧'],
  ])('spells out %s', (_, text, shown) => {
    expect(reveal(text)).toBe(shown)
  })

  it('cuts long text between characters and runs white space together', () => {
    expect(brief(`a\n  b ${'👍'.repeat(50)}`, 8)).toBe('a b 👍👍👍…')
    expect(brief('x'.repeat(10_000), 5)).toBe('xxxx…')
    expect(brief('short', 5)).toBe('short')
  })
})

describe('runsOf', () => {
  it('sets names and shares apart, the longest name first', () => {
    expect(
      runsOf('Since 03:02 POST /pay/now fails 38 %, GET /pay 0.4 %.', ['GET /pay', 'POST /pay/now']),
    ).toEqual([
      { kind: 'text', text: 'Since 03:02 ' },
      { kind: 'name', text: 'POST /pay/now' },
      { kind: 'text', text: ' fails ' },
      { kind: 'share', text: '38 %' },
      { kind: 'text', text: ', ' },
      { kind: 'name', text: 'GET /pay' },
      { kind: 'text', text: ' ' },
      { kind: 'share', text: '0.4 %' },
      { kind: 'text', text: '.' },
    ])
  })

  it('loses nothing of a sentence, whatever its names are', () => {
    const sentence = '(a) [b] 5 % $& \\ 5 %'
    for (const names of [[], [''], ['5 %'], ['(', '$&', sentence]])
      expect(
        runsOf(sentence, names)
          .map(({ text }) => text)
          .join(''),
      ).toBe(sentence)
  })
})
