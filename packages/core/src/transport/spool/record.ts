import { zlib } from '../../platform/builtins.js'
import type { Lane } from '../../queue/queue.js'

/**
 * A file of a spool begins with a block of marks, a byte for each record it may hold; `-` says that the record has
 * ended. Then come the records, a line each: checksum, index of its mark, order and time of its capture, lane, and
 * the event's text. A mark changes in its place: to end a record takes no room, so a full disk does not prevent it.
 */
export const MARKS_BYTES: number = 4096
export const ENDED: number = '-'.charCodeAt(0)
const BREAK = '\n'.charCodeAt(0)
const SPACE = ' '.charCodeAt(0)
/** A checksum and the space after it. */
const CHECKSUM = 9
/** A line has more bytes. */
const LEAST_LINE_BYTES = 16

export interface StoredRecord {
  /** Which mark is its own. */
  readonly index: number
  /** Order of capture in the process that wrote it. */
  readonly order: number
  /** Milliseconds since 1970 of its capture. */
  readonly captured: number
  readonly lane: Lane
  readonly text: string
}

export function encodeRecord({ index, order, captured, lane, text }: StoredRecord): Buffer {
  const body = `${index} ${order} ${Math.round(captured)} ${lane} ${text}`
  return Buffer.from(
    `${zlib()
      .crc32(body)
      .toString(16)
      .padStart(CHECKSUM - 1, '0')} ${body}\n`,
  )
}

/** The records of a file's content that have a wanted index; `undefined` is a damaged line. */
export function* readRecords(
  content: Buffer,
  wanted: (index: number) => boolean,
): Generator<StoredRecord | undefined> {
  for (let from = MARKS_BYTES; from < content.length; ) {
    const found = content.indexOf(BREAK, from)
    const end = found === -1 ? content.length : found
    const line = content.subarray(from, end)
    from = end + 1
    const index = Number(line.toString('latin1', CHECKSUM, line.indexOf(SPACE, CHECKSUM)))
    if (!Number.isInteger(index) || wanted(index)) yield decode(line)
  }
}

function decode(line: Buffer): StoredRecord | undefined {
  const checksum = Number.parseInt(line.toString('latin1', 0, CHECKSUM), 16)
  if (zlib().crc32(line.subarray(CHECKSUM)) !== checksum) return undefined
  const match = /^(\d+) (-?\d+) (\d+) ([012]) (.*)$/s.exec(line.toString('utf8', CHECKSUM))
  if (!match) return undefined
  const [, index, order, captured, lane, text = ''] = match
  return {
    index: Number(index),
    order: Number(order),
    captured: Number(captured),
    lane: Number(lane) as Lane,
    text,
  }
}

/** How many records a file of so many bytes may have. */
export function mostRecords(bytes: number): number {
  return Math.max(0, Math.min(MARKS_BYTES, Math.ceil((bytes - MARKS_BYTES) / LEAST_LINE_BYTES)))
}
