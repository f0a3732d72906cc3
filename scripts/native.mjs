/**
 * Native parts that the lockfile may not know.
 *
 * Some packages come with one optional dependency a platform. A lockfile written
 * where the registry lacks some of them leaves those out for everyone after it,
 * so this machine's own part is looked for here, and installed beside the
 * workspace's packages when it is missing.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

/** Which packages carry native parts that the lockfile has for some platforms only, and who depends on them. */
const CARRIERS = [
  { name: 'turbo', folder: '.' },
  { name: '@biomejs/biome', folder: '.' },
  { name: 'chdb', folder: 'packages/collector' },
  { name: 'deno', folder: 'packages/hono' },
  { name: 'workerd', folder: 'packages/hono' },
]

const PLATFORM_WORDS = { darwin: ['darwin'], linux: ['linux'], win32: ['win32', 'windows'] }
const ARCH_WORDS = { arm64: ['arm64'], x64: ['x64', '64'] }
const LIBC_WORDS = { glibc: ['gnu', 'glibc'], musl: ['musl'] }

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
  const wordsOf = name => name.slice(name.lastIndexOf('/') + 1).split('-')
  const has = (words, list) => list?.some(word => words.includes(word)) ?? false
  const [own, other] = machine.musl
    ? [LIBC_WORDS.musl, LIBC_WORDS.glibc]
    : [LIBC_WORDS.glibc, LIBC_WORDS.musl]
  const names = Object.keys(optional).filter(name => {
    const words = wordsOf(name)
    const fits = has(words, PLATFORM_WORDS[machine.platform]) && has(words, ARCH_WORDS[machine.arch])
    return fits && !has(words, other)
  })
  // A part that names no C library runs with any; one that names it fits better.
  const name = names.find(name => has(wordsOf(name), own)) ?? names[0]
  return name && { name, version: optional[name] }
}

/**
 * Sees to it that packages find their native part, and returns a line for each part that was installed.
 *
 * @param {string} root the repository
 * @param {{ only?: string[], carriers?: typeof CARRIERS, machine?: typeof here, install?: typeof installPart }} [options]
 *   `only`: the packages that are asked about, all of them unless said
 * @throws an Error of one line where a part is missing and cannot be had
 */
export async function ensureNativeParts(root, options = {}) {
  const { only, carriers = CARRIERS, machine = here, install = installPart } = options
  const lines = []
  for (const carrier of carriers) {
    if (only && !only.includes(carrier.name)) continue
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
      const text = String(error.stderr || error.message)
      const why = /npm error .*/.exec(text)?.[0] ?? text.split('\n', 1)[0]
      throw new Error(
        `${carrier.name} needs ${part.name}@${part.version}, which could not be installed: ${why}`,
      )
    }
    lines.push(`installed ${part.name}@${part.version}, which the lockfile lacks`)
  }
  return lines
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
