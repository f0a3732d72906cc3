// What a browser loads must stay small: 35 KB of JavaScript and 8 KB of CSS, gzipped.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const BUDGETS = { js: 35 * 1024, css: 8 * 1024 }

const assets = fileURLToPath(new URL('../dist/assets/', import.meta.url))
for (const [kind, budget] of Object.entries(BUDGETS)) {
  const size = readdirSync(assets)
    .filter(name => name.endsWith(`.${kind}`))
    .reduce((sum, name) => sum + gzipSync(readFileSync(assets + name)).length, 0)
  console.log(`${kind}: ${(size / 1024).toFixed(1)} KB gzipped of ${budget / 1024} KB`)
  if (size > budget) process.exitCode = 1
}
