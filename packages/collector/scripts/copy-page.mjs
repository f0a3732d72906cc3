// The page is built in apps/dashboard and shipped inside this package.
import { cpSync, existsSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const built = fileURLToPath(new URL('../../../apps/dashboard/dist/', import.meta.url))
const shipped = fileURLToPath(new URL('../dist/page/', import.meta.url))

rmSync(shipped, { recursive: true, force: true })
if (existsSync(built)) cpSync(built, shipped, { recursive: true })
else console.warn('apps/dashboard is not built: this collector has no page.')
