/** `pnpm demo`: builds what the demo needs, then is the demo. */
import { parseArgs } from 'node:util'
import { ensureNativeParts } from './native.mjs'
import { find, need } from './needs.mjs'
import { isUnderPnpm, root, run, seconds, turbo } from './steps.mjs'

const HELP = `Usage: npx -y pnpm@12 demo [--once] [--port <port>]

Builds the packages, starts a collector, gives it a day of a shop's history,
starts the example applications, drives visitors through them, deploys a
release that breaks paying, and stays up until Ctrl-C.

The shop's worker takes part where there is a Redis: redis-server or
valkey-server on the PATH, or where REDIS_SERVER_PATH says. The demo runs one of
its own on a free port, which keeps nothing and goes with it. Nothing is
installed on the system, unless CI is set and this is root on Debian.

  --once          the same on a shorter scale: checks that every request made is
                  one stored event, names the release that broke, and ends with 0 or 1
  --port <port>   of the collector and its page; any free one unless given
  --help          this text`

const options = readArguments()
if (options.help) console.log(HELP)
else if (isUnderPnpm()) await main()

function readArguments() {
  try {
    return parseArgs({
      options: { once: { type: 'boolean' }, port: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    }).values
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`)
    process.exit(1)
  }
}

async function main() {
  const began = performance.now()
  const say = line => console.log(`${seconds(began).padStart(8)}  ${line}`)
  try {
    for (const line of await ensureNativeParts(root, { only: ['turbo', 'chdb'] })) say(line)
    say('Building the packages')
    const built = await run(turbo('build', '@justanalytics/demo'))
    if (!built.ok) throw new Error(`The build failed:\n${built.output}`)
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
  const { register } = await import('tsx/esm/api')
  register()
  const { runDemo } = await import('../apps/demo/src/demo.ts')
  process.exitCode = await runDemo({
    once: options.once ?? false,
    port: Number(options.port ?? 0),
    redisServer: findRedis(),
    say,
  })
}

/** Its path, if it can be had without asking anyone. */
function findRedis() {
  try {
    return process.env.CI ? need('redis-server').path : find('redis-server')
  } catch {
    return undefined
  }
}
