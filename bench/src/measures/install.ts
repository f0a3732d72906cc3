import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Contender } from '../contenders.js'
import { versionOf } from '../machine.js'

/** What `npm install` puts on the disk beside the framework. */
export interface Install {
  readonly contender: string
  readonly bytes: number
  readonly packages: number
}

const bench = join(import.meta.dirname, '../..')
const run = promisify(execFile)
const QUIET = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', '--legacy-peer-deps']

/** Installs each contender's packages into a scratch folder: ours from tarballs, others in the version measured. */
export async function installs(contenders: readonly Contender[]): Promise<Install[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'justanalytics-bench-'))
  try {
    const done: Install[] = []
    for (const { name, packages } of contenders) {
      if (!packages) continue
      const folder = join(scratch, name)
      await mkdir(folder, { recursive: true })
      const wanted = await Promise.all(packages.map(one => source(one, scratch)))
      await run('npm', ['install', '--prefix', folder, ...QUIET, ...wanted])
      const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8'))
      done.push({
        contender: name,
        bytes: await size(join(folder, 'node_modules')),
        packages: Object.keys(lock.packages).filter(path => path !== '').length,
      })
    }
    return done
  } finally {
    await rm(scratch, { recursive: true })
  }
}

async function source(name: string, scratch: string): Promise<string> {
  if (!name.startsWith('@justanalytics/')) return `${name}@${versionOf(name)}`
  const to = join(scratch, 'packed', name)
  await mkdir(to, { recursive: true })
  await run('npx', ['-y', 'pnpm@12', 'pack', '--pack-destination', to], {
    cwd: join(bench, 'node_modules', name),
  })
  const [tarball = ''] = await readdir(to)
  return join(to, tarball)
}

async function size(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const files = entries.filter(entry => entry.isFile())
  const sizes = await Promise.all(files.map(({ parentPath, name }) => stat(join(parentPath, name))))
  return sizes.reduce((sum, file) => sum + file.size, 0)
}
