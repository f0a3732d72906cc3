import { closeSync, constants, ftruncateSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { open, unlink } from 'node:fs/promises'
import type { Chunk, Segment } from './segment.js'

const { O_WRONLY, O_CREAT } = constants
const MODE = 0o600

/** Adds records to a file, which the first ones make. All of them or none. */
export async function append({ segment, bytes }: Chunk): Promise<void> {
  // The segment may grow meanwhile, where the process cannot wait for this.
  const from = segment.bytes
  const file = await open(segment.path, flagsFor(segment), MODE)
  try {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, from + done)
      done += bytesWritten
    }
  } catch (error) {
    await file.truncate(segment.bytes).catch(() => {})
    throw error
  } finally {
    await file.close()
  }
}

/** The same while the process waits. */
export function appendNow({ segment, bytes }: Chunk): void {
  const file = openSync(segment.path, flagsFor(segment), MODE)
  try {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(file, bytes, done, bytes.length - done, segment.bytes + done)
    }
  } catch (error) {
    truncateNow(file, segment.bytes)
    throw error
  } finally {
    closeSync(file)
  }
}

/** Makes a file tell which of its records have ended; one whose all have is removed. */
export async function update(segment: Segment): Promise<void> {
  if (segment.isOver) {
    await unlink(segment.path)
    return
  }
  if (!segment.isStale) return
  const { ended } = segment
  await mark(segment)
  segment.told = ended
}

async function mark(segment: Segment): Promise<void> {
  const file = await open(segment.path, O_WRONLY)
  try {
    await file.write(segment.marks, 0, segment.marks.length, 0)
  } finally {
    await file.close()
  }
}

/** The same while the process waits, and lets go of the file under another name. */
export function release(segment: Segment, path: string): void {
  if (segment.isOver) {
    unlinkSync(segment.path)
    return
  }
  try {
    if (segment.isStale) markNow(segment)
  } finally {
    renameSync(segment.path, path)
  }
}

function markNow(segment: Segment): void {
  const file = openSync(segment.path, O_WRONLY)
  try {
    writeSync(file, segment.marks, 0, segment.marks.length, 0)
  } finally {
    closeSync(file)
  }
}

function flagsFor(segment: Segment): number {
  return segment.records === 0 ? O_WRONLY | O_CREAT : O_WRONLY
}

function truncateNow(file: number, bytes: number): void {
  try {
    ftruncateSync(file, bytes)
  } catch {
    // The next write goes over it.
  }
}
