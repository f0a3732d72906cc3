/** `pnpm bench`: builds what the bench needs, then is the bench. */
import { ensureNativeParts } from './native.mjs'
import { isUnderPnpm, root, run, turbo } from './steps.mjs'

if (isUnderPnpm()) await main()

async function main() {
  try {
    for (const line of await ensureNativeParts(root, { only: ['turbo'] })) console.error(line)
    const built = await run(turbo('build', '@justanalytics/bench'))
    if (!built.ok) throw new Error(`The build failed:\n${built.output}`)
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
  await import('../bench/dist/main.js')
}
