import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { crypto } from '../../platform/builtins.js'

/** What a file's name tells of the client that writes to it. */
export interface Owner {
  readonly host: string
  /** Where process ids mean the same: one boot and one namespace of them. */
  readonly space: string
  readonly pid: number
  /** Tells a process from a later one with the same id; empty where the platform does not say. */
  readonly start: string
  /** One of the clients of its process. */
  readonly client: string
}

/** How often a client touches its files, for those who cannot see its process. */
export const HEARTBEAT_MS = 60_000
/** A file of this host that nobody touched for so long has no owner any more. */
const SILENT_HERE_MS = 5 * HEARTBEAT_MS
/** Another host's clock may differ, and so may its idea of a minute while it is suspended. */
const SILENT_ELSEWHERE_MS = 60 * HEARTBEAT_MS

/** Names hosts, sites and clients in file names: it tells nothing of what went in. */
export function shortHash(...parts: readonly string[]): string {
  return crypto().createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12)
}

/** The owner that a new client of this process is. */
export function newOwner(): Owner {
  const { pid } = process
  const name = hostname()
  return {
    host: shortHash(name),
    // Containers may share a folder and a host name, and each has a process 1.
    space: shortHash(readText('/proc/sys/kernel/random/boot_id') || name, namespaceOfPids()),
    pid,
    start: statusOf(pid)?.start ?? '',
    client: crypto().randomBytes(6).toString('hex'),
  }
}

/**
 * Whether an owner is gone, so that others may take its files.
 * @param touched milliseconds since 1970 at which its file last changed
 */
export function isGone(owner: Owner, me: Owner, touched: number): boolean {
  if (owner.space === me.space) {
    if (!exists(owner.pid)) return true
    const status = statusOf(owner.pid)
    if (status) return status.start !== owner.start || status.isDead
  }
  return Date.now() - touched > (owner.host === me.host ? SILENT_HERE_MS : SILENT_ELSEWHERE_MS)
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Linux tells when a process was started, in ticks since the machine was, and of one that only awaits burial. */
function statusOf(pid: number): { start: string; isDead: boolean } | undefined {
  // The name of the program, in parentheses, may hold anything.
  const [state = '', ...fields] = readText(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ')
  const start = fields[18]
  return start === undefined ? undefined : { start, isDead: state === 'Z' || state === 'X' }
}

function namespaceOfPids(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
