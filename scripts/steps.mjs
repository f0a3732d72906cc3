/** Running one thing after the other, and saying so. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')

/** `1.3 s` */
export function seconds(since) {
  return `${((performance.now() - since) / 1_000).toFixed(1)} s`
}

/** Whether pnpm runs this, and is there for turbo, which runs packages' scripts through it; says so if not. */
export function isUnderPnpm() {
  const is = process.env.npm_config_user_agent?.startsWith('pnpm/') ?? false
  if (is) return true
  console.error('Run this through pnpm: npx -y pnpm@12 test, or npx -y pnpm@12 demo.')
  process.exitCode = 1
  return false
}

/** A program that an npm package of the workspace brings. */
export function bin(name) {
  return join(root, 'node_modules/.bin', name)
}

/**
 * Runs a program to its end. What it prints is kept, and shown at once when `verbose`.
 *
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function run([program, ...args], { folder = root, verbose = false } = {}) {
  return new Promise(resolve => {
    let output = ''
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', chunk => {
        output += chunk
        if (verbose) process.stdout.write(chunk)
      })
    child.once('error', error => resolve({ ok: false, output: `${program}: ${error.message}` }))
    child.once('close', code => resolve({ ok: code === 0, output }))
  })
}

/** A turbo task in all packages, or in one and those it depends on; only errors are worth reading. */
export function turbo(task, filter) {
  const which = filter ? [`--filter=${filter}...`] : []
  return [
    bin('turbo'),
    'run',
    task,
    '--output-logs=errors-only',
    '--no-color',
    '--no-update-notifier',
    ...which,
  ]
}
