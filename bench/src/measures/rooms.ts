import { readFileSync } from 'node:fs'

export const ADAPTER = 'adapter'
/** The profiler's own start and end. */
export const MEASURING = 'measuring'

/** Core is built into a few files, in which a comment stands before what came of a source. */
const SOURCE = /^\/\/ src\/(?:(\w+)\/.*|(\S+)\.ts)$/
const built = new Map<string, readonly string[]>()

/**
 * Whose a function is: a folder of core, our adapter, a package; `undefined`: Node's own.
 * @param frame its file, and its line, from 0
 */
export function roomOf({ url, lineNumber }: { url: string; lineNumber: number }): string | undefined {
  const own = /\/packages\/(\w+)\/dist\//.exec(url)
  if (own) return own[1] === 'core' ? `core/${folderAt(url, lineNumber)}` : ADAPTER
  const dependency = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(url)
  if (dependency) return dependency[1]
  if (url.includes('/bench/dist/processes/')) return MEASURING
  if (url.includes('/bench/dist/')) return 'application'
  return undefined
}

/** The folder of core, or the file outside folders, that a line of a built file came of. */
function folderAt(url: string, line: number): string {
  const known = built.get(url)
  if (known) return known[line] ?? 'core'
  let folder = 'core'
  const folders = readFileSync(new URL(url), 'utf8')
    .split('\n')
    .map(text => {
      const source = SOURCE.exec(text)
      folder = source?.[1] ?? source?.[2] ?? folder
      return folder
    })
  built.set(url, folders)
  return folders[line] ?? 'core'
}
