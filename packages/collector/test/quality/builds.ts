import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'

const SHOP = fileURLToPath(new URL('shop/', import.meta.url))

/** One way of building the shop. */
export interface Build {
  name: string
  /** Its main module. */
  main: string
  /** The source maps to upload for it: those with these files. */
  maps: string[]
  nodeArgs: string[]
}

async function transpile(change: (text: string) => string): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const file of readdirSync(SHOP)) {
    const { code } = await transform(readFileSync(join(SHOP, file), 'utf8'), {
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

async function bundle(
  shop: string,
  folder: string,
  minify: boolean,
  sourcemap: 'external' | 'linked' = 'external',
): Promise<string> {
  const main = join(folder, 'server.js')
  await build({
    entryPoints: [join(shop, 'main.ts')],
    bundle: true,
    minify,
    sourcemap,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outfile: main,
    logLevel: 'error',
  })
  return main
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
function writeShifted(folder: string): string {
  mkdirSync(folder)
  for (const file of readdirSync(SHOP))
    writeFileSync(join(folder, file), shift(readFileSync(join(SHOP, file), 'utf8')))
  return folder
}

/** The same shop, built in all these ways. */
export async function makeBuilds(folder: string): Promise<Build[]> {
  const at = (name: string) => join(folder, name)
  writeFileSync(at('package.json'), '{"type":"module"}')
  const plain = await transpile(text => text)
  const shifted = await transpile(shift)
  const later = writeShifted(at('later'))
  const separate = (
    name: string,
    files: Map<string, string>,
    rename = (stem: string, _text: string) => stem,
  ): Build => ({
    name,
    main: write(at(name), files, rename),
    maps: [],
    nodeArgs: [],
  })
  const bundled = async (name: string, main: Promise<string>, nodeArgs: string[] = []): Promise<Build> => ({
    name,
    main: await main,
    maps: [await main],
    nodeArgs,
  })
  return Promise.all([
    separate('plain', plain),
    separate('plain, shifted', shifted),
    separate('plain, renamed', shifted, (name, text) => `${name}-${digest(text)}`),
    bundled('bundled', bundle(SHOP, at('b1'), false)),
    bundled('bundled, shifted', bundle(later, at('b2'), false)),
    bundled('minified', bundle(SHOP, at('m1'), true)),
    bundled('minified, shifted', bundle(later, at('m2'), true)),
    bundled("Node's own maps", bundle(later, at('native'), true, 'linked'), ['--enable-source-maps']),
  ])
}
