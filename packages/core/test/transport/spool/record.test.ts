import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Lane } from '../../../src/queue/queue.js'
import {
  ENDED,
  encodeRecord,
  MARKS_BYTES,
  mostRecords,
  readRecords,
  type StoredRecord,
} from '../../../src/transport/spool/record.js'

const marks = Buffer.alloc(MARKS_BYTES)
const fileOf = (records: readonly StoredRecord[]): Buffer =>
  Buffer.concat([marks, ...records.map(encodeRecord)])
const all = (content: Buffer): (StoredRecord | undefined)[] => [...readRecords(content, () => true)]

const record = fc.record({
  index: fc.nat(4095),
  order: fc.integer({ min: -1, max: 10 ** 9 }),
  captured: fc.nat({ max: 2 ** 43 }),
  lane: fc.constantFrom<Lane[]>(0, 1, 2),
  // JSON writes no line break.
  text: fc.string({ unit: 'grapheme' }).map(text => JSON.stringify(text)),
})
const one: StoredRecord = { index: 7, order: 3, captured: 1_700_000_000_000, lane: 2, text: '{"a":"é 1 2"}' }

describe('a record', () => {
  it('is a line with a checksum', () => {
    expect(encodeRecord(one).toString()).toMatch(/^[0-9a-f]{8} 7 3 1700000000000 2 \{"a":"é 1 2"\}\n$/)
  })

  it('has the time of its capture in whole milliseconds', () => {
    expect(all(fileOf([{ ...one, captured: 12.7 }]))).toEqual([{ ...one, captured: 13 }])
  })

  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), records => {
        expect(all(fileOf(records))).toEqual(records)
      }),
    )
  })

  it('that changed in any bit is damaged, and no other', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(7), (place, bit) => {
        const content = fileOf([one, { ...one, index: 8 }])
        const line = encodeRecord(one).length - 1
        const at = MARKS_BYTES + (place % line)
        content[at] = (content[at] as number) ^ (1 << bit)
        const read = all(content).filter(record => record !== undefined)
        // A checksum may be written with capitals, and a bit may make a break of a letter.
        expect(read.filter(({ index }) => index === 8)).toEqual([{ ...one, index: 8 }])
        for (const record of read) expect([one, { ...one, index: 8 }]).toContainEqual(record)
      }),
    )
  })

  it.each([
    ['nothing', ''],
    ['no record', 'something else'],
    ['a checksum alone', '00000000 '],
    ['a lane that is none', sum('7 3 5 3 x')],
    ['no order', sum('7 x 5 1 x')],
    ['a sound checksum and nothing else', sum('')],
  ])('that is %s is damaged', (_what, line) => {
    expect(all(Buffer.concat([marks, Buffer.from(`${line}\n`)]))).toEqual([undefined])
  })

  it('cut short is damaged', () => {
    const content = fileOf([one])
    expect(all(content.subarray(0, -2))).toEqual([undefined])
    expect(all(content.subarray(0, -1))).toEqual([one])
    expect(all(content.subarray(0, MARKS_BYTES))).toEqual([])
  })

  it('that is not wanted is passed over, unless it cannot tell its index', () => {
    const content = Buffer.concat([fileOf([one, { ...one, index: 8 }]), Buffer.from('??????????? ?\n')])
    expect([...readRecords(content, index => index === 8)]).toEqual([{ ...one, index: 8 }, undefined])
  })
})

it.each([
  [0, 0],
  [MARKS_BYTES, 0],
  [MARKS_BYTES + 1, 1],
  [MARKS_BYTES + 16, 1],
  [MARKS_BYTES + 17, 2],
  [MARKS_BYTES * 100, MARKS_BYTES],
])('a file of %i bytes has %i records at most', (bytes, records) => {
  expect(mostRecords(bytes)).toBe(records)
})

it('the mark of an end is what a person sees as one', () => {
  expect(String.fromCharCode(ENDED)).toBe('-')
})

function sum(body: string): string {
  return `${crc32(body).toString(16).padStart(8, '0')} ${body}`
}
