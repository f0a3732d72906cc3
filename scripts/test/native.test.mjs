import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ensureNativeParts, partFor } from '../native.mjs'

const CHDB = parts(
  '@chdb/lib-darwin-arm64',
  '@chdb/lib-darwin-x64',
  '@chdb/lib-linux-arm64-gnu',
  '@chdb/lib-linux-x64-gnu',
)
const TURBO = parts(
  '@turbo/darwin-64',
  '@turbo/darwin-arm64',
  '@turbo/linux-64',
  '@turbo/linux-arm64',
  '@turbo/windows-64',
  '@turbo/windows-arm64',
)
const BIOME = parts(
  '@biomejs/cli-win32-x64',
  '@biomejs/cli-darwin-x64',
  '@biomejs/cli-darwin-arm64',
  '@biomejs/cli-linux-x64',
  '@biomejs/cli-linux-arm64',
  '@biomejs/cli-linux-x64-musl',
  '@biomejs/cli-linux-arm64-musl',
)
const DENO = parts(
  '@deno/win32-x64',
  '@deno/darwin-arm64',
  '@deno/linux-x64-glibc',
  '@deno/linux-arm64-glibc',
)

const MAC = { platform: 'darwin', arch: 'arm64', musl: false }
const OLD_MAC = { platform: 'darwin', arch: 'x64', musl: false }
const DEBIAN = { platform: 'linux', arch: 'x64', musl: false }
const GRAVITON = { platform: 'linux', arch: 'arm64', musl: false }
const ALPINE = { platform: 'linux', arch: 'x64', musl: true }
const WINDOWS = { platform: 'win32', arch: 'x64', musl: false }
const RISC = { platform: 'linux', arch: 'riscv64', musl: false }

describe('partFor', () => {
  it.each([
    ['chDB on a Mac', CHDB, MAC, '@chdb/lib-darwin-arm64'],
    ['chDB on an older Mac', CHDB, OLD_MAC, '@chdb/lib-darwin-x64'],
    ['chDB on Debian', CHDB, DEBIAN, '@chdb/lib-linux-x64-gnu'],
    ['chDB on 64-bit ARM', CHDB, GRAVITON, '@chdb/lib-linux-arm64-gnu'],
    ['chDB on Alpine', CHDB, ALPINE, undefined],
    ['chDB on Windows', CHDB, WINDOWS, undefined],
    ['turbo on an older Mac', TURBO, OLD_MAC, '@turbo/darwin-64'],
    ['turbo on Windows', TURBO, WINDOWS, '@turbo/windows-64'],
    ['turbo on Alpine', TURBO, ALPINE, '@turbo/linux-64'],
    ['turbo on an unknown processor', TURBO, RISC, undefined],
    ['Biome on Debian', BIOME, DEBIAN, '@biomejs/cli-linux-x64'],
    ['Biome on Alpine', BIOME, ALPINE, '@biomejs/cli-linux-x64-musl'],
    ['Biome on Windows', BIOME, WINDOWS, '@biomejs/cli-win32-x64'],
    ['Deno on Debian', DENO, DEBIAN, '@deno/linux-x64-glibc'],
    ['Deno on Alpine', DENO, ALPINE, undefined],
  ])('%s', (_, optional, machine, name) => {
    expect(partFor(optional, machine)?.name).toBe(name)
  })
})

describe('ensureNativeParts', () => {
  const asked = []
  let root
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'native-'))
    asked.splice(0)
    put('node_modules/chdb', { optionalDependencies: CHDB })
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const carriers = [{ name: 'chdb', folder: '.' }]
  const install = async (part, folder) => {
    asked.push(part)
    const relative = join(folder, 'node_modules', part.name).slice(root.length)
    put(relative, { version: part.version })
    return join(root, relative)
  }

  it('installs the part that is missing, in the version that is asked for, where its package finds it', async () => {
    const lines = await ensureNativeParts(root, { carriers, machine: MAC, install })
    expect(asked).toEqual([{ name: '@chdb/lib-darwin-arm64', version: '1.2.3' }])
    expect(lines).toEqual(['installed @chdb/lib-darwin-arm64@1.2.3, which the lockfile lacks'])
    const found = createRequire(join(root, 'node_modules/chdb/package.json')).resolve(
      '@chdb/lib-darwin-arm64/package.json',
    )
    expect(JSON.parse(readFileSync(found, 'utf8'))).toEqual({ version: '1.2.3' })
  })

  it('installs nothing twice, and nothing that is there', async () => {
    await ensureNativeParts(root, { carriers, machine: MAC, install })
    put('node_modules/@chdb/lib-linux-x64-gnu', {})
    expect(await ensureNativeParts(root, { carriers, machine: MAC, install })).toEqual([])
    expect(await ensureNativeParts(root, { carriers, machine: DEBIAN, install })).toEqual([])
    expect(asked).toHaveLength(1)
  })

  it('leaves out what was not asked for', async () => {
    expect(await ensureNativeParts(root, { only: ['turbo'], carriers, machine: MAC, install })).toEqual([])
  })

  it('says in one line that a platform is not served', async () => {
    await expect(ensureNativeParts(root, { carriers, machine: WINDOWS, install })).rejects.toThrow(
      /^chdb does not run on win32-x64: use .*WSL2.*$/,
    )
    expect(asked).toEqual([])
  })

  it('says in one line that a part cannot be had, and leaves nothing behind', async () => {
    const refused = async () => {
      throw Object.assign(new Error('Command failed: npm install'), {
        stderr: 'npm warn config old\nnpm error code E404\nnpm error 404 Not Found\n',
      })
    }
    await expect(ensureNativeParts(root, { carriers, machine: MAC, install: refused })).rejects.toThrow(
      /^chdb needs @chdb\/lib-darwin-arm64@1\.2\.3, which could not be installed: npm error code E404$/,
    )
    expect(existsSync(join(root, 'node_modules/@chdb'))).toBe(false)
  })

  function put(folder, manifest) {
    mkdirSync(join(root, folder), { recursive: true })
    writeFileSync(join(root, folder, 'package.json'), JSON.stringify(manifest))
  }
})

function parts(...names) {
  return Object.fromEntries(names.map(name => [name, '1.2.3']))
}
