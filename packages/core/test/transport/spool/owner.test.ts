import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { isGone, newOwner, type Owner, shortHash } from '../../../src/transport/spool/owner.js'
import { SpoolFolder } from './folder.js'

const MINUTE = 60_000
const OTHER = 'f'.repeat(12)

/** State and start as Linux tells them. */
function statusOf(pid: number): { state: string; start: string } {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const [state = '', ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state, start: fields[18] ?? '' }
}

describe('an owner', () => {
  it('tells host, process and client, and nothing else of them', () => {
    const owner = newOwner()
    expect(owner).toEqual({
      host: shortHash(hostname()),
      space: expect.stringMatching(/^[0-9a-f]{12}$/),
      pid: process.pid,
      start: process.platform === 'linux' ? statusOf(process.pid).start : '',
      client: expect.stringMatching(/^[0-9a-f]{12}$/),
    })
    expect(newOwner()).toEqual({ ...owner, client: expect.not.stringMatching(owner.client) })
  })

  it.runIf(process.platform === 'linux')('shares its space with this boot and namespace of ids alone', () => {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')
    expect(newOwner().space).not.toBe(shortHash(hostname(), ''))
    expect(newOwner().space).not.toBe(shortHash(boot, ''))
    expect(newOwner().space).not.toBe(shortHash('', ''))
  })

  it('is named by hashes that keep their parts apart', () => {
    expect(shortHash('a', 'b')).toMatch(/^[0-9a-f]{12}$/)
    expect(shortHash('a', 'b')).toBe(shortHash('a', 'b'))
    expect(
      new Set([shortHash('a', 'b'), shortHash('ab'), shortHash('ab', ''), shortHash('b', 'a')]).size,
    ).toBe(4)
  })
})

describe('an owner is gone', () => {
  afterEach(() => void vi.useRealTimers())
  const me = newOwner()
  /** No process has this id. */
  const NOBODY = 2 ** 30

  it.each<[string, Partial<Owner>, number, boolean]>([
    ['not where it is this process, however long ago', {}, 24 * 60 * MINUTE, false],
    ['where no process has its id', { pid: NOBODY }, 0, true],
    ['where another process has its id', { start: '1' }, 0, true],
    ['not where its process is another one that lives', { pid: process.ppid, start: '' }, 0, false],
    ['not where its container was heard of', { space: OTHER, pid: NOBODY }, 5 * MINUTE, false],
    ['where its container was silent for five minutes', { space: OTHER }, 5 * MINUTE + 1, true],
    ['not where its host was heard of', { host: OTHER, space: OTHER, pid: NOBODY }, 60 * MINUTE, false],
    ['where its host was silent for an hour', { host: OTHER, space: OTHER }, 60 * MINUTE + 1, true],
  ])('%s', (_when, other, silent, expected) => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const owner = { ...me, ...other }
    if (owner.start === '' && process.platform === 'linux') owner.start = statusOf(owner.pid).start
    expect(isGone(owner, me, Date.now() - silent)).toBe(expected)
  })

  it.runIf(process.platform === 'linux')('where it awaits burial, whatever its name', async () => {
    await using folder = new SpoolFolder()
    mkdirSync(folder.path)
    const program = join(folder.path, 'a) b (c')
    copyFileSync('/bin/sleep', program)
    const child = spawn(program, ['60'])
    const ended = new Promise(resolve => child.once('exit', resolve))
    const pid = child.pid as number
    const owner = { ...me, pid, start: statusOf(pid).start }
    const wasGone = isGone(owner, me, 0)
    child.kill('SIGKILL')
    // As long as this process does not turn to it, it has ended and is not buried.
    while (statusOf(pid).state !== 'Z');
    const isDead = isGone(owner, me, Date.now())
    await ended
    expect([wasGone, isDead, isGone(owner, me, Date.now())]).toEqual([false, true, true])
  })
})
