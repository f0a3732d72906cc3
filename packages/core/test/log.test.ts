import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createWarn } from '../src/log.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

it('says the same sentence at most every five minutes, one line each', () => {
  const lines: string[] = []
  const warn = createWarn({ warn: line => void lines.push(line) })
  warn('first')
  warn('first')
  warn('second\nline')
  vi.advanceTimersByTime(5 * 60_000)
  warn('first')
  expect(lines).toEqual(['[justanalytics] first', '[justanalytics] second line', '[justanalytics] first'])
})

it('never says the key', () => {
  const lines: string[] = []
  createWarn({ warn: line => void lines.push(line) }, 'top-secret')('refused: Bearer top-secret')
  expect(lines).toEqual(['[justanalytics] refused: Bearer [redacted]'])
})

it('leaves its words whole where the key is a letter or two', () => {
  const lines: string[] = []
  createWarn({ warn: line => void lines.push(line) }, 'k')('events are kept and retried')
  expect(lines).toEqual(['[justanalytics] events are kept and retried'])
})

it('goes to stderr by default, and survives a logger that throws', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  createWarn()('hello')
  expect(write).toHaveBeenCalledWith('[justanalytics] hello\n')
  const broken = createWarn({
    warn() {
      throw new Error('broken')
    },
  })
  expect(() => broken('hello')).not.toThrow()
})
