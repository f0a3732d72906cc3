import { describe, expect, it } from 'vitest'
import { find, need } from '../needs.mjs'

/** A machine with these programs, which may get others from apt-get. */
function machine({
  programs = [],
  env = { PATH: '/usr/local/bin:/usr/bin' },
  isRootOnDebian = false,
  apt = {},
}) {
  const there = new Set(programs)
  const installed = []
  return {
    installed,
    env,
    isRootOnDebian,
    isProgram: path => there.has(path),
    install(packages) {
      installed.push(...packages)
      for (const name of packages) if (apt[name]) there.add(apt[name])
    },
  }
}

describe('need', () => {
  it.each([
    ['by its first name on the PATH', { programs: ['/usr/bin/chromium'] }, '/usr/bin/chromium'],
    ['by another name', { programs: ['/usr/bin/google-chrome'] }, '/usr/bin/google-chrome'],
    [
      'where its variable says, before all others',
      { programs: ['/opt/c', '/usr/bin/chromium'], env: { PATH: '/usr/bin', CHROMIUM_PATH: '/opt/c' } },
      '/opt/c',
    ],
    [
      'on the PATH where its variable leads nowhere',
      { programs: ['/usr/bin/chromium'], env: { PATH: '/usr/bin', CHROMIUM_PATH: '/gone' } },
      '/usr/bin/chromium',
    ],
    [
      'where a Mac keeps it',
      { programs: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'] },
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
  ])('finds a program %s', (_, facts, path) => {
    const on = machine(facts)
    expect(need('chromium', on)).toEqual({ path, variable: 'CHROMIUM_PATH' })
    expect(on.installed).toEqual([])
  })

  it('installs it where this is root on Debian', () => {
    const on = machine({ isRootOnDebian: true, apt: { chromium: '/usr/bin/chromium' } })
    expect(need('chromium', on).path).toBe('/usr/bin/chromium')
    expect(on.installed).toEqual(['chromium'])
  })

  it.each([
    ['cannot install', {}],
    ['has nothing to install', { isRootOnDebian: true }],
  ])('says in one line what to install where it %s', (_, facts) => {
    expect(() => need('chromium', machine(facts))).toThrow(
      /^chromium is missing: install it \(Debian: apt-get install chromium\), or set CHROMIUM_PATH to its path\.$/,
    )
  })

  it('is only looked for where it must not be installed', () => {
    const on = machine({ isRootOnDebian: true, apt: { 'redis-server': '/usr/bin/redis-server' } })
    expect(find('redis-server', on)).toBeUndefined()
    expect(on.installed).toEqual([])
    expect(find('redis-server', machine({ programs: ['/usr/bin/valkey-server'] }))).toBe(
      '/usr/bin/valkey-server',
    )
  })

  it('does not know every program', () => {
    expect(() => need('emacs', machine({}))).toThrow(
      /^Nothing is known of a program emacs; known are: chromium/,
    )
  })
})
