import { readThread, type Thread } from '@justanalytics/core/adapter'

/** Where the thread stands in a job's telemetry metadata, beside what the application's own telemetry wrote. */
const KEY = 'justanalytics'

/**
 * A job's metadata with the thread in it. Metadata in a form that has no room for a key is the application's own
 * business and stays as it is.
 */
export function addThread(metadata: string | undefined, thread: Thread | undefined): string {
  if (!thread) return metadata ?? ''
  const theirs = metadata ? parse(metadata) : {}
  return theirs ? JSON.stringify({ ...theirs, [KEY]: thread }) : (metadata as string)
}

/** The thread that came with a job. */
export function threadOf(metadata: string | undefined): Thread | undefined {
  return metadata === undefined ? undefined : readThread(parse(metadata)?.[KEY])
}

/** The metadata as the application's own telemetry wrote it; `undefined`: it wrote none. */
export function withoutThread(metadata: string): string | undefined {
  const parsed = parse(metadata)
  if (!parsed || !(KEY in parsed)) return metadata
  const { [KEY]: _, ...theirs } = parsed
  return Object.keys(theirs).length > 0 ? JSON.stringify(theirs) : undefined
}

function parse(metadata: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(metadata)
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    return isObject ? (parsed as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
