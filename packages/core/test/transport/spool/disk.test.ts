import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { append, appendNow, release, update } from '../../../src/transport/spool/disk.js'
import { ENDED, MARKS_BYTES, readRecords } from '../../../src/transport/spool/record.js'
import { type Chunk, Segment } from '../../../src/transport/spool/segment.js'
import { entryOf } from './entries.js'
import { SpoolFolder } from './folder.js'

let folder: SpoolFolder
let path: string

beforeEach(() => {
  folder = new SpoolFolder()
  mkdirSync(folder.path)
  path = join(folder.path, 'a')
})
afterEach(() => folder[Symbol.asyncDispose]())

function chunkOf(segment: Segment, ...texts: string[]): Chunk {
  return segment.chunk(
    texts.map(text => entryOf(text)),
    1_000_000,
  ) as Chunk
}
const live = (file = path): string[] => {
  const content = readFileSync(file)
  return [...readRecords(content, index => content[index] !== ENDED)].map(record => record?.text ?? 'damaged')
}
/** A segment whose file has so many records. */
async function written(...texts: string[]): Promise<Segment> {
  const segment = new Segment(path)
  const chunk = chunkOf(segment, ...texts)
  await append(chunk)
  segment.add(chunk)
  return segment
}

describe.each([
  ['append', append],
  ['appendNow', async (chunk: Chunk) => appendNow(chunk)],
])('%s', (_name, write) => {
  it('makes a file for this user alone, with the marks before the records', async () => {
    const segment = new Segment(path)
    await write(chunkOf(segment, 'a', 'b'))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path).subarray(0, MARKS_BYTES)).toEqual(Buffer.alloc(MARKS_BYTES))
    expect(live()).toEqual(['a', 'b'])
  })

  it('adds to it, and twice does no harm', async () => {
    const segment = await written('a')
    const chunk = chunkOf(segment, 'b', 'c')
    await write(chunk)
    await write(chunk)
    expect(live()).toEqual(['a', 'b', 'c'])
  })

  it('makes no file again that had records', async () => {
    const segment = await written('a')
    segment.path = join(folder.path, 'gone')
    await expect(write(chunkOf(segment, 'b'))).rejects.toMatchObject({ code: 'ENOENT' })
    expect(existsSync(segment.path)).toBe(false)
  })

  it('leaves nothing of what could not be written whole', async () => {
    const segment = await written('a')
    // What an earlier write left half done.
    writeFileSync(path, 'half', { flag: 'a' })
    const chunk = { ...chunkOf(segment, 'b'), bytes: { length: 10 } as Buffer }
    await expect(write(chunk)).rejects.toThrow(TypeError)
    expect(statSync(path).size).toBe(segment.bytes)
  })

  it.runIf(process.platform === 'linux')('tells of a full disk, though it cannot be cut', async () => {
    symlinkSync('/dev/full', path)
    await expect(write(chunkOf(new Segment(path), 'a'))).rejects.toMatchObject({ code: 'ENOSPC' })
  })
})

describe('what has ended', () => {
  it('is told in the file', async () => {
    const segment = await written('a', 'b')
    segment.end(0)
    await update(segment)
    expect(live()).toEqual(['b'])
    expect(segment.isStale).toBe(false)
  })

  it('is told once', async () => {
    const segment = await written('a', 'b')
    writeFileSync(path, 'untouched')
    await update(segment)
    expect(readFileSync(path, 'utf8')).toBe('untouched')
  })

  it('while that is being told, is told the next time', async () => {
    const segment = await written('a', 'b', 'c')
    segment.end(0)
    const updated = update(segment)
    segment.end(1)
    await updated
    expect(segment.isStale).toBe(true)
    await update(segment)
    expect(live()).toEqual(['c'])
  })

  it('goes with its file when nothing else is in it', async () => {
    const segment = await written('a')
    segment.end(0)
    await update(segment)
    expect(folder.names).toEqual([])
  })
})

describe('a file that is let go', () => {
  const free = (): string => join(folder.path, 'free')

  it('has another name and tells what has ended', async () => {
    const segment = await written('a', 'b')
    segment.end(1)
    release(segment, free())
    expect(folder.names).toEqual(['free'])
    expect(live(free())).toEqual(['a'])
  })

  it('is left as it is where nothing has', async () => {
    const segment = await written('a')
    writeFileSync(path, 'untouched')
    release(segment, free())
    expect(readFileSync(free(), 'utf8')).toBe('untouched')
  })

  it('is removed where all has', async () => {
    const segment = await written('a')
    segment.end(0)
    release(segment, free())
    expect(folder.names).toEqual([])
  })

  it('has another name even where it cannot be told', async () => {
    const segment = await written('a', 'b')
    segment.end(0)
    segment.path = join(folder.path, 'folder')
    mkdirSync(segment.path)
    expect(() => release(segment, free())).toThrow('EISDIR')
    expect(folder.names).toContain('free')
  })
})

it.runIf(process.platform === 'linux')('no file stays open', async () => {
  const segment = await written('a', 'b')
  appendNow(chunkOf(segment, 'c'))
  segment.end(0)
  await update(segment)
  segment.end(1)
  release(segment, path)
  expect(folder.openFiles).toBe(0)
})
