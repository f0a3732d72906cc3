/**
 * Native parts that the lockfile may not know.
 *
 * turbo, Biome and chDB come with one optional dependency a platform. A lockfile
 * written where the registry lacks some of them leaves those out for everyone
 * after it, so a platform's own part is looked for here and installed beside
 * the workspace's when it is missing.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

/** Which package carries native parts, and the workspace folder that depends on it. */
const CARRIERS = [
  { name: 'turbo', folder: '.' },
  { name: '@biomejs/biome', folder: '.' },
  { name: 'chdb', folder: 'packages/collector' },
]

const PLATFORM_WORDS = { darwin: ['darwin'], linux: ['linux'], win32: ['win32', 'windows'] }
const ARCH_WORDS = { arm64: ['arm64'], x64: ['x64', '64'] }

/** This machine, in the words of {@link partFor}. */
export const here = {
  platform: process.platform,
  arch: process.arch,
  musl: process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime,
}

/**
 * The optional dependency that is a machine's native part, told by its name.
 *
 * @param {Record<string, string>} optional name to version
 * @param {{ platform: string, arch: string, musl: boolean }} machine
 * @returns {{ name: string, version: string } | undefined} nothing where the platform is not served
 */
export function partFor(optional, machine) {
  const names = Object.keys(optional).filter(name => {
    const words = name.slice(name.lastIndexOf('/') + 1).split('-')
    const has = list => list?.some(word => words.includes(word)) ?? false
    return (
      has(PLATFORM_WORDS[machine.platform]) &&
      has(ARCH_WORDS[machine.arch]) &&
      !words.includes(machine.musl ? 'gnu' : 'musl')
    )
  })
  // A part without a libc in its name runs on both; one that names it fits better.
  const name = names.find(name => /-(musl|gnu)$/.test(name)) ?? names[0]
  return name && { name, version: optional[name] }
}

/**
 * Sees to it that every carrier finds its part, and returns a line for each that was installed.
 *
 * @param {string} root the repository
 * @param {{ carriers?: typeof CARRIERS, machine?: typeof here, install?: typeof installPart }} [options]
 * @throws an Error of one line where a part is missing and cannot be had
 */
export async function ensureNativeParts(root, options = {}) {
  const { carriers = CARRIERS, machine = here, install = installPart } = options
  const told = []
  for (const carrier of carriers) {
    const manifest = realpathSync(join(root, carrier.folder, 'node_modules', carrier.name, 'package.json'))
    const part = partFor(JSON.parse(readFileSync(manifest, 'utf8')).optionalDependencies ?? {}, machine)
    if (!part)
      throw new Error(
        `${carrier.name} does not run on ${machine.platform}-${machine.arch}${machine.musl ? ' with musl' : ''}: use Linux with glibc, macOS or WSL2 (x64 or arm64).`,
      )
    if (isInstalled(part.name, manifest)) continue
    const target = join(root, 'node_modules', part.name)
    try {
      const installed = await install(part, join(root, 'node_modules/.native', part.name))
      mkdirSync(dirname(target), { recursive: true })
      rmSync(target, { recursive: true, force: true })
      symlinkSync(installed, target, 'junction')
    } catch (error) {
      const why = String(error.stderr || error.message).match(/npm error .*|.+/)?.[0]
      throw new Error(
        `${carrier.name} needs ${part.name}@${part.version}, which could not be installed: ${why}`,
      )
    }
    told.push(`installed ${part.name}@${part.version}, which the lockfile lacks`)
  }
  return told
}

function isInstalled(name, from) {
  const folders = createRequire(from).resolve.paths(name) ?? []
  return folders.some(folder => existsSync(join(folder, name, 'package.json')))
}

/** npm is wherever Node is, and asks the same registry that brought pnpm. */
async function installPart({ name, version }, folder) {
  mkdirSync(folder, { recursive: true })
  const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund']
  await promisify(execFile)('npm', ['install', '--prefix', folder, ...flags, `${name}@${version}`])
  return join(folder, 'node_modules', name)
}
