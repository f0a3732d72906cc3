/** Writes core's version, which its User-Agent and every event's `sdk` bear, where the code can read it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const manifest = new URL('../packages/core/package.json', import.meta.url)
const source = new URL('../packages/core/src/version.ts', import.meta.url)

/** Whether the source bears the version of the manifest. */
export function isInStep() {
  return readFileSync(source, 'utf8') === text()
}

function text() {
  return `export const version: string = '${JSON.parse(readFileSync(manifest, 'utf8')).version}'\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(source, text())
