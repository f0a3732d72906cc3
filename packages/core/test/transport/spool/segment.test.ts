import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Entry } from '../../../src/queue/entry.js'
import { LANE } from '../../../src/queue/queue.js'
import { ENDED, MARKS_BYTES } from '../../../src/transport/spool/record.js'
import { type Chunk, Segment } from '../../../src/transport/spool/segment.js'
import { entryOf as entry } from './entries.js'

const HOUR = 60 * 60_000
const KIB = 1024
const PLENTY = 16 * KIB * KIB

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'Date'] }))
afterEach(() => void vi.useRealTimers())

/** A segment, and what its file would hold. */
class File {
  readonly segment: Segment
  content: Buffer = Buffer.alloc(0)

  constructor(content?: Buffer) {
    this.segment = new Segment('path', content)
    if (content) this.content = content
  }

  write(entries: readonly Entry[], room: number = PLENTY): Chunk | undefined {
    const chunk = this.segment.chunk(entries, room)
    if (!chunk) return undefined
    const grown = Buffer.alloc(this.segment.bytes + chunk.bytes.length)
    this.content.copy(grown)
    chunk.bytes.copy(grown, this.segment.bytes)
    this.content = grown
    this.segment.add(chunk)
    return chunk
  }

  /** As another process finds it. */
  left(): Buffer {
    const content = Buffer.from(this.content)
    this.segment.marks.copy(content)
    return content
  }

  back(admits: (bytes: number) => boolean = () => true): { texts: string[]; damaged: number } {
    const { back, damaged } = this.segment.bringBack(this.content, admits)
    return { texts: back.map(({ entry }) => entry.text), damaged }
  }
}

function fileWith(...entries: Entry[]): File {
  const file = new File()
  file.write(entries)
  for (const [index, one] of entries.entries()) file.segment.park(index, one)
  return file
}

describe('a segment', () => {
  it('counts what it holds, what is parked and what has ended', () => {
    const file = new File()
    const { segment } = file
    expect(segment).toMatchObject({ records: 0, isOver: true, isStale: false, isFull: false, parked: 0 })
    const entries = [entry('a'), entry('b', LANE.failure), entry('c', LANE.other)]
    file.write(entries)
    expect(segment).toMatchObject({ records: 3, isOver: false, isStale: false, parked: 0 })
    segment.park(1, entries[1] as Entry)
    segment.park(2, entries[2] as Entry)
    expect(segment).toMatchObject({ parked: 2, parkedFailures: 1 })
    segment.end(0)
    expect(segment).toMatchObject({ ended: 1, isStale: true, isOver: false })
    expect([...segment.marks.subarray(0, 3)]).toEqual([ENDED, 0, 0])
    segment.told = 1
    expect(segment.isStale).toBe(false)
    expect(file.back()).toEqual({ texts: ['b'], damaged: 0 })
    expect(file.back()).toEqual({ texts: ['c'], damaged: 0 })
    segment.end(1)
    segment.end(2)
    expect(segment).toMatchObject({ parked: 0, isOver: true, isStale: true })
  })

  it('takes the room for its marks with the first record', () => {
    const { segment } = new File()
    const line = segment.chunk([entry('a')], PLENTY)?.bytes.length as number
    expect(segment.chunk([entry('a')], MARKS_BYTES + line - 1)).toBeUndefined()
    expect(segment.chunk([entry('a')], MARKS_BYTES + line)?.entries).toHaveLength(1)
    const file = new File()
    file.write([entry('a')])
    expect(file.segment.bytes).toBe(MARKS_BYTES + line)
    expect(file.segment.chunk([entry('b')], line)?.entries).toHaveLength(1)
    expect(file.segment.chunk([entry('b')], line - 1)).toBeUndefined()
    expect(file.segment.chunk([], PLENTY)).toBeUndefined()
  })

  it('is written 128 KiB at a time, and is full at 1 MiB', () => {
    const file = new File()
    const large = 'x'.repeat(60 * KIB)
    let written = 0
    while (!file.segment.isFull)
      written += file.write([entry(large), entry(large), entry(large)])?.entries.length ?? 0
    expect(written).toBe(18)
    expect(file.segment.bytes).toBeGreaterThan(KIB * KIB)
  })

  it('is full of as many records as it has marks', () => {
    const file = new File()
    const entries = Array.from({ length: 2000 }, () => entry('x'))
    for (let n = 0; n < 10 && !file.segment.isFull; n++) file.write(entries)
    expect(file.segment.records).toBe(MARKS_BYTES)
    expect(file.segment.isFull).toBe(true)
  })

  it('brings back failures alone while there are any, and no more than is admitted', () => {
    const file = fileWith(entry('a'), entry('error', LANE.failure), entry('bb', LANE.other), entry('c'))
    const sizes: number[] = []
    expect(
      file.back(bytes => {
        sizes.push(bytes)
        return false
      }).texts,
    ).toEqual([])
    expect(sizes).toEqual([5])
    expect(file.back().texts).toEqual(['error'])
    let left = 2
    expect(file.back(() => left-- > 0)).toEqual({ texts: ['a', 'bb'], damaged: 0 })
    expect(file.segment.parked).toBe(1)
    expect(file.back().texts).toEqual(['c'])
  })

  it('brings an event back as it was, with its attempts, up to 255', () => {
    const entries = [entry('a', LANE.other, 41, 3), entry('b', LANE.other, 42, 1000)]
    const file = fileWith(...entries)
    vi.advanceTimersByTime(5000)
    const { back } = file.segment.bringBack(file.content, () => true)
    expect(back).toEqual([
      { index: 0, entry: { ...entries[0], at: performance.now() } },
      { index: 1, entry: { ...entries[1], at: performance.now(), attempts: 255 } },
    ])
  })

  it('ends parked records that are no longer in its file', () => {
    const file = fileWith(entry('a'), entry('b'), entry('c'))
    file.content = file.content.fill('?', MARKS_BYTES, MARKS_BYTES + 3)
    expect(file.back()).toEqual({ texts: ['b', 'c'], damaged: 1 })
    expect(file.segment).toMatchObject({ parked: 0, ended: 1 })
  })
})

describe('what is a day old', () => {
  it('is ended where it is parked, and nothing else is', () => {
    const file = fileWith(entry('old'))
    file.write([entry('held')])
    vi.advanceTimersByTime(23 * HOUR)
    file.write([entry('young')])
    file.segment.park(2, entry('young'))
    expect(file.segment.expire(file.content)).toBe(0)
    vi.advanceTimersByTime(HOUR)
    expect(file.segment.expire(file.content)).toBe(0)
    vi.advanceTimersByTime(1)
    expect(file.segment.expire(file.content)).toBe(1)
    expect(file.segment).toMatchObject({ parked: 1, ended: 1 })
    expect(file.segment.expire(file.content)).toBe(0)
  })

  it('is known by the oldest record that lives', () => {
    const began = performance.now()
    const file = fileWith(entry('first'))
    vi.advanceTimersByTime(1000)
    file.write([entry('second')])
    expect(file.segment.oldest).toBe(began)
    file.segment.expire(file.content)
    expect(Math.round(file.segment.oldest - began)).toBe(0)
    file.back()
    file.segment.end(0)
    file.segment.expire(file.content)
    expect(Math.round(file.segment.oldest - began)).toBe(1000)
    file.segment.end(1)
    file.segment.expire(file.content)
    expect(file.segment.oldest).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('a segment that another process left', () => {
  it('is adopted without what has ended, takes nothing more, and keeps no order', () => {
    const left = fileWith(entry('a', LANE.healthy, 5), entry('b', LANE.failure, 6), entry('c', LANE.other, 7))
    left.back()
    left.segment.end(1)
    const file = new File(left.left())
    expect(file.segment.adopt(file.content)).toEqual({ expired: 0, damaged: 0 })
    expect(file.segment).toMatchObject({
      records: 3,
      parked: 2,
      parkedFailures: 0,
      isFull: true,
      isOver: false,
    })
    const { back } = file.segment.bringBack(file.content, () => true)
    expect(back.map(({ entry }) => [entry.text, entry.order, entry.lane, entry.attempts])).toEqual([
      ['a', -1, 0, 0],
      ['c', -1, 1, 0],
    ])
  })

  it('is adopted without what is a day old by the time of its capture', () => {
    const left = fileWith(entry('old'))
    vi.advanceTimersByTime(23 * HOUR)
    left.write([entry('young')])
    const content = left.left()
    vi.advanceTimersByTime(2 * HOUR)
    const file = new File(content)
    expect(file.segment.adopt(content)).toEqual({ expired: 1, damaged: 0 })
    expect(file.back().texts).toEqual(['young'])
  })

  it.each<[string, (content: Buffer, line: number) => Buffer, number, number]>([
    ['whole', content => content, 3, 0],
    ['without its last line', (content, line) => content.subarray(0, -line), 2, 0],
    ['with half of its last line', (content, line) => content.subarray(0, -line / 2), 2, 1],
    [
      'with its middle line damaged',
      (content, line) => content.fill('?', MARKS_BYTES + line, MARKS_BYTES + line + 4),
      2,
      1,
    ],
    [
      'with its first two lines damaged',
      (content, line) => content.fill('?', MARKS_BYTES, MARKS_BYTES + line + 4),
      1,
      2,
    ],
    ['with its lines twice', content => Buffer.concat([content, content.subarray(MARKS_BYTES)]), 3, 0],
    ['with something behind it', content => Buffer.concat([content, Buffer.from('??')]), 3, 1],
    ['cut in its marks', content => content.subarray(0, 100), 0, 1],
    ['empty', content => content.subarray(0, 0), 0, 0],
  ])('%s', (_how, change, sound, damaged) => {
    const left = fileWith(entry('aaaa'), entry('bbbb'), entry('cccc'))
    const line = (left.content.length - MARKS_BYTES) / 3
    const content = change(left.left(), line)
    const file = new File(content)
    expect(file.segment.adopt(content)).toEqual({ expired: 0, damaged })
    expect(file.segment.parked).toBe(sound)
    const { back } = file.segment.bringBack(content, () => true)
    expect(back).toHaveLength(sound)
    for (const { index } of back) file.segment.end(index)
    expect(file.segment.isOver).toBe(true)
  })
})
