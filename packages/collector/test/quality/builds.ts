import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'

/** Applications to build, by folder. */
export const APPS = ['shop', 'desk'] as const
export type App = (typeof APPS)[number]

const sourcesOf = (app: App): string => fileURLToPath(new URL(`${app}/`, import.meta.url))

/** One way of building an application. */
export interface Build {
  name: string
  /** Its main module. */
  main: string
  /** The source maps to upload for it: those with these files. */
  maps: string[]
  nodeArgs: string[]
}

async function transpile(sources: string, change: (text: string) => string): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const file of readdirSync(sources)) {
    const { code } = await transform(readFileSync(join(sources, file), 'utf8'), {
      loader: 'ts',
      target: 'node20',
    })
    files.set(file.replace('.ts', ''), change(code))
  }
  return files
}

/** Each file on its own, under the name that `rename` gives it. */
function write(
  folder: string,
  files: Map<string, string>,
  rename: (name: string, text: string) => string,
): string {
  mkdirSync(folder, { recursive: true })
  const names = new Map([...files].map(([name, text]) => [name, rename(name, text)]))
  for (const [name, text] of files) {
    const code = text.replace(/"\.\/(\w+)\.js"/g, (_, imported: string) => `"./${names.get(imported)}.js"`)
    writeFileSync(join(folder, `${names.get(name)}.js`), code)
  }
  return join(folder, `${names.get('main')}.js`)
}

interface BundleOptions {
  minify?: boolean
  sourcemap?: 'external' | 'linked'
  packages?: 'external' | 'bundle'
}

const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

async function bundle(
  name: string,
  sources: string,
  folder: string,
  options: BundleOptions,
  nodeArgs: string[] = [],
): Promise<Build> {
  await build({
    entryPoints: { server: join(sources, 'main.ts') },
    bundle: true,
    splitting: true,
    minify: false,
    sourcemap: 'external',
    packages: 'external',
    external: ['pg-native'],
    banner: { js: options.packages === 'bundle' ? REQUIRE : '' },
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outdir: folder,
    logLevel: 'error',
    ...options,
  })
  const built = readdirSync(folder).filter(file => file.endsWith('.js'))
  return { name, main: join(folder, 'server.js'), maps: built.map(file => join(folder, file)), nodeArgs }
}

/** Other lines, other columns, and code between that was not there before. */
function shift(code: string): string {
  const lines = code.replace(
    /^(?:export )?(?:async )?function/gm,
    declaration => `globalThis.added = 1;\n\n${declaration}`,
  )
  return `${'// A line that was added.\n'.repeat(40)}${lines.replace(/^ {2}/gm, '\t\t')}`
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8)

/** The sources as they are in a later release. */
function writeShifted(sources: string, folder: string): string {
  mkdirSync(folder)
  for (const file of readdirSync(sources))
    writeFileSync(join(folder, file), shift(readFileSync(join(sources, file), 'utf8')))
  return folder
}

/** The same application, built in all these ways. */
export async function makeBuilds(app: App, folder: string): Promise<Build[]> {
  const at = (name: string) => join(folder, name)
  writeFileSync(at('package.json'), '{"type":"module"}')
  const sources = sourcesOf(app)
  const plain = await transpile(sources, text => text)
  const shifted = await transpile(sources, shift)
  const later = writeShifted(sources, at('later'))
  const separate = (
    name: string,
    files: Map<string, string>,
    rename = (stem: string, _text: string) => stem,
  ): Build => ({ name, main: write(at(name), files, rename), maps: [], nodeArgs: [] })
  const minify = true
  return Promise.all([
    separate('plain', plain),
    separate('plain, shifted', shifted),
    separate('plain, renamed', shifted, (name, text) => `${name}-${digest(text)}`),
    bundle('bundled', sources, at('b1'), {}),
    bundle('bundled, shifted', later, at('b2'), {}),
    bundle('minified', sources, at('m1'), { minify }),
    bundle('minified, shifted', later, at('m2'), { minify }),
    bundle('minified, packages inside', later, at('m3'), { minify, packages: 'bundle' }),
    bundle("Node's own maps", later, at('native'), { minify, sourcemap: 'linked' }, ['--enable-source-maps']),
  ])
}
