import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CollectorError } from '../errors.js'

/** Folders this very process holds: its own pid in a lock file may also be a namesake's, after a restart in a container. */
const held = new Set<string>()

/** When a process was started, in the kernel's ticks since boot; '' where the platform does not tell. */
function startOf(pid: number): string {
  try {
    // The second field is the command in brackets and may hold blanks: count from its end.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')
    return fields?.[19] ?? ''
  } catch {
    return ''
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The pid of another living process that wrote this lock; undefined for what a killed one left behind. */
function owner(file: string): number | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
  const [first, start = ''] = text.trim().split(' ')
  const pid = Number(first)
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid || !isAlive(pid)) return undefined
  return start === startOf(pid) ? pid : undefined
}

/**
 * Makes the folder and takes it for this process. The engine has a lock of its own, which is
 * the last word; this one says who holds the folder, and lets go of what a killed process left.
 * @returns how to release it
 * @throws {CollectorError}
 */
export function lockFolder(folder: string): () => void {
  const path = resolve(folder)
  const file = join(path, 'lock')
  const taken = (by: string) =>
    new CollectorError(
      `The data folder ${path} is in use by ${by}: stop that collector, or give this one another folder with \`--data\`.`,
    )
  if (held.has(path)) throw taken('this process')
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    for (let attempt = 0; ; attempt++) {
      try {
        writeFileSync(file, `${process.pid} ${startOf(process.pid)}\n`, { flag: 'wx', mode: 0o600 })
        break
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === 3) throw error
        const pid = owner(file)
        if (pid !== undefined) throw taken(`process ${pid}`)
        rmSync(file, { force: true })
      }
    }
  } catch (error) {
    if (error instanceof CollectorError) throw error
    const reason = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new CollectorError(
      `The data folder ${path} cannot be written to (${reason}): make it writable, or choose another with \`--data\`.`,
      { cause: error },
    )
  }
  held.add(path)
  return () => {
    if (held.delete(path)) rmSync(file, { force: true })
  }
}
