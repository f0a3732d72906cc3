import { closeSync, openSync, readSync, statSync } from 'node:fs'

/** Bytes at the end of a file: the line of the id, and that of a source map's address behind it. */
const TAIL = 1024
/** Those that come later are not looked at. */
const MOST_FILES = 500
const DEBUG_ID = /^\/\/# debugId=([0-9a-f-]{32,36})[ \t]*$/gim

const seen = new Map<string, string | undefined>()

/**
 * The debug id that a bundler wrote at the end of a file (`//# debugId=…`). Each file is read once, and never throws;
 * one that was changed since the process began is not what runs here, and has none.
 * @param file a path or a `file:` address, as a stack names it
 */
export function debugIdOf(file: string): string | undefined {
  if (seen.has(file)) return seen.get(file)
  if (seen.size >= MOST_FILES) return undefined
  const id = read(file)
  seen.set(file, id)
  return id
}

function read(file: string): string | undefined {
  try {
    const path = file.startsWith('file:') ? new URL(file) : file
    const stats = statSync(path)
    if (!stats.isFile() || stats.mtimeMs > performance.timeOrigin) return undefined
    const descriptor = openSync(path, 'r')
    try {
      const tail = Buffer.alloc(TAIL)
      const length = readSync(descriptor, tail, 0, TAIL, Math.max(0, stats.size - TAIL))
      return [...tail.toString('latin1', 0, length).matchAll(DEBUG_ID)].at(-1)?.[1]?.toLowerCase()
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return undefined
  }
}
