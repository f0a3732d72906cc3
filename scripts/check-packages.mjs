/**
 * The packages as users get them: packed, linted, installed into an empty project,
 * imported and required there.
 *
 *     node scripts/check-packages.mjs [--update]     --update writes the list of exports anew
 */
import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { bin, root, run } from './steps.mjs'
import { isInStep } from './sync-version.mjs'

const exec = promisify(execFile)
const SNAPSHOT = join(root, 'scripts/exports.txt')
const update = process.argv.includes('--update')
const scratch = mkdtempSync(join(tmpdir(), 'justanalytics-packages-'))
const problems = []

try {
  const packages = await Promise.all(publicPackages().map(pack))
  if (!isInStep())
    problems.push(
      'packages/core/src/version.ts is not the version of package.json: run scripts/sync-version.mjs',
    )
  for (const one of packages) {
    checkContents(one)
    await lint(one)
  }
  await checkCore(packages.find(({ name }) => name === '@justanalytics/core'))
  await checkUse(packages)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
for (const problem of problems) console.log(`✗ ${problem}`)
if (problems.length) process.exitCode = 1

/** Every package that is published, by its folder. */
function publicPackages() {
  return readdirSync(join(root, 'packages'))
    .map(folder => ({ folder: join(root, 'packages', folder) }))
    .map(({ folder }) => ({ folder, ...JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
    .filter(manifest => !manifest.private)
}

async function pack({ folder, name, version }) {
  const to = join(scratch, name)
  mkdirSync(to, { recursive: true })
  await exec('pnpm', ['pack', '--pack-destination', to], { cwd: folder })
  const tarball = join(to, readdirSync(to)[0])
  await exec('tar', ['-xzf', tarball, '-C', to])
  const content = join(to, 'package')
  const manifest = JSON.parse(readFileSync(join(content, 'package.json'), 'utf8'))
  return { name, version, tarball, content, manifest }
}

/** What belongs in, what does not, and nothing that runs on install. */
function checkContents({ name, content, manifest, tarball }) {
  const files = readdirSync(content, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(content.length + 1))
  for (const file of ['README.md', 'LICENSE'])
    if (!files.includes(file)) problems.push(`${name} has no ${file}`)
  for (const file of files)
    if (!/^(dist\/|README\.md$|LICENSE$|CHANGELOG\.md$|package\.json$)/.test(file))
      problems.push(`${name} brings ${file}`)
  for (const script of ['preinstall', 'install', 'postinstall'])
    if (manifest.scripts?.[script]) problems.push(`${name} runs something on install`)
  if (JSON.stringify(manifest).includes('workspace:')) problems.push(`${name} depends on the workspace`)
  console.log(
    `${name}@${manifest.version}: ${files.length} files, ${kilobytes(statSync(tarball).size)} packed`,
  )
}

async function lint({ name, tarball }) {
  const linters = {
    publint: [bin('publint'), 'run', tarball, '--strict'],
    attw: [bin('attw'), tarball, '--profile', 'esm-only', '--no-emoji', '--no-color'],
  }
  for (const [linter, command] of Object.entries(linters)) {
    const { ok, output } = await run(command)
    if (!ok) problems.push(`${linter} on ${name}:\n${output}`)
  }
}

/** Core alone brings undici and nothing else, and is small. */
async function checkCore(core) {
  const project = await install('core', [core])
  const brought = readdirSync(join(project, 'node_modules'), { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name }) =>
      name.startsWith('@')
        ? readdirSync(join(project, 'node_modules', name)).map(own => `${name}/${own}`)
        : [name],
    )
  if (brought.join() !== '@justanalytics/core,undici')
    problems.push(`@justanalytics/core brings ${brought.join(', ')}`)
  const scripts = readdirSync(join(core.content, 'dist'), { recursive: true }).filter(file =>
    file.endsWith('.js'),
  )
  const code = Buffer.concat(scripts.map(file => readFileSync(join(core.content, 'dist', file))))
  console.log(
    `@justanalytics/core: ${kilobytes(code.length)} of JavaScript with its comments, ${kilobytes(gzipSync(code).length)} gzipped`,
  )
}

/** Every entry point imported and required, with the exports that are written down. */
async function checkUse(packages) {
  const project = await install('all', packages)
  const found = []
  for (const { name, manifest } of packages) {
    for (const entry of Object.keys(manifest.exports).filter(entry => !entry.endsWith('.json'))) {
      const specifier = name + entry.slice(1)
      const imported = await exportsOf(project, specifier, `await import('${specifier}')`)
      const required = await exportsOf(project, specifier, `require('${specifier}')`)
      if (imported !== required) problems.push(`${specifier} has ${imported} imported, ${required} required`)
      found.push(...imported.split(',').map(name => `${specifier} ${name}\n`))
    }
    for (const program of Object.keys(manifest.bin ?? {})) {
      const { ok, output } = await run([join(project, 'node_modules/.bin', program), '--help'])
      if (!ok) problems.push(`${program} --help failed:\n${output}`)
    }
  }
  const text = found.join('')
  if (update) writeFileSync(SNAPSHOT, text)
  else if (!existsSync(SNAPSHOT) || text !== readFileSync(SNAPSHOT, 'utf8'))
    problems.push(`The exports are not those of scripts/exports.txt (--update writes them):\n${text}`)
}

/** The names, in order; none where the module cannot be had. */
async function exportsOf(project, specifier, expression) {
  const code = `import { createRequire } from 'node:module'
    const require = createRequire(process.cwd() + '/')
    const names = Object.keys(${expression}).filter(name => name !== '__esModule' && name !== 'module.exports')
    console.log(names.sort().join())`
  const flags = ['--no-warnings', '--input-type=module', '--eval', code]
  try {
    return (await exec(process.execPath, flags, { cwd: project })).stdout.trim()
  } catch (error) {
    problems.push(`${specifier} cannot be had: ${/^.*Error.*$/m.exec(error.stderr)?.[0] ?? error.message}`)
    return ''
  }
}

/** An empty project with these tarballs and what they depend on; optional parts, chDB's 500 MB, left out. */
async function install(name, packages) {
  const project = join(scratch, `project-${name}`)
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }')
  const flags = ['--prefer-offline', '--omit=optional', '--no-audit', '--no-fund', '--ignore-scripts']
  await exec('npm', ['install', ...flags, ...packages.map(({ tarball }) => tarball)], { cwd: project })
  return project
}

function kilobytes(bytes) {
  return `${(bytes / 1_000).toFixed(1)} kB`
}
