/**
 * Programs from outside npm that some tests need: found, or installed through
 * apt-get where this is root on Debian, or named in one line.
 *
 *     node scripts/needs.mjs chromium
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PROGRAMS = {
  chromium: {
    /** Says where it is, for tests as for people. */
    variable: 'CHROMIUM_PATH',
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    places: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ],
    packages: ['chromium'],
  },
  'redis-server': {
    variable: 'REDIS_SERVER_PATH',
    names: ['redis-server', 'valkey-server'],
    places: ['/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server'],
    packages: ['redis-server'],
  },
}

/** All that tests may ask for. */
export const PROGRAM_NAMES = Object.keys(PROGRAMS)

/** What this machine is asked; a test answers in its place. */
const machine = {
  env: process.env,
  isProgram,
  isRootOnDebian: process.getuid?.() === 0 && existsSync('/etc/debian_version'),
  install: aptInstall,
}

/**
 * The path of a program, after installing it if that is possible.
 *
 * @param {keyof typeof PROGRAMS} name
 * @returns {{ path: string, variable: string }}
 * @throws an Error of one line that says what to install
 */
export function need(name, on = machine) {
  const program = PROGRAMS[name]
  if (!program)
    throw new Error(`Nothing is known of a program ${name}; known are: ${PROGRAM_NAMES.join(', ')}`)
  let path = locate(program, on)
  if (!path && on.isRootOnDebian) {
    on.install(program.packages)
    path = locate(program, on)
  }
  if (path) return { path, variable: program.variable }
  throw new Error(
    `${name} is missing: install it (Debian: apt-get install ${program.packages.join(' ')}), or set ${program.variable} to its path.`,
  )
}

/**
 * The path of a program that is there already; nothing is installed.
 *
 * @param {keyof typeof PROGRAMS} name
 * @returns {string | undefined}
 */
export function find(name, on = machine) {
  return locate(PROGRAMS[name], on)
}

function locate({ variable, names, places }, { env, isProgram }) {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean)
  const candidates = [
    env[variable],
    ...folders.flatMap(folder => names.map(name => join(folder, name))),
    ...places,
  ]
  return candidates.find(path => path && isProgram(path))
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function aptInstall(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (...args) => spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  run('update', '-qq')
  run('install', '-y', '-qq', '-o', 'DPkg::Lock::Timeout=300', '--no-install-recommends', ...packages)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(need(process.argv[2]).path)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
