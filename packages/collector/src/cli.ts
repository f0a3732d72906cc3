#!/usr/bin/env node
import { createCollector } from './collector.js'
import { CollectorError } from './errors.js'
import { readCommandLine, readFlags, USAGE, version } from './flags.js'
import { exportLines, runKeys } from './keys-command.js'
import { runMove } from './move/command.js'
import type { CollectorOptions } from './options.js'
import { runSourcemaps } from './sourcemaps/command.js'

/** Exit status after a second Ctrl-C: 128 and the signal's number, as shells tell it. */
const INTERRUPTED = 130

function stopOnSignal(close: () => Promise<void>): void {
  let stopping = false
  const stop = () => {
    if (stopping) process.exit(INTERRUPTED)
    stopping = true
    console.error('Storing what was gathered, then stopping. Once more to stop at once.')
    close().then(
      () => process.exit(0),
      error => fail(error),
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

function fail(error: unknown): never {
  console.error(error instanceof CollectorError ? error.message : error)
  process.exit(1)
}

async function serve(flags: CollectorOptions): Promise<void> {
  const collector = await createCollector(flags)
  stopOnSignal(() => collector.close())
  console.log(`The collector listens on ${collector.url}, and its page is at ${collector.url}/`)
  if (collector.created) {
    console.log(`A site and its key were made; the key is shown this once. For an application, with
JUSTANALYTICS_ENDPOINT set to ${collector.url}/v1/events beside them:
${exportLines(collector.created)}`)
  }
}

async function main(args: string[]): Promise<void> {
  // What other users see of this process is its title, and not the secrets on its command line.
  process.title = 'justanalytics-collector'
  // It talks to a collector and has flags of its own.
  if (args[0] === 'sourcemaps') return runSourcemaps(args.slice(1), process.env)
  if (args[0] === 'move') return runMove(args.slice(1), process.env)
  const { values, positionals } = readCommandLine(args)
  if (values.help) console.log(USAGE)
  else if (values.version) console.log(version())
  else if (positionals[0] === 'keys') runKeys(positionals.slice(1), readFlags(values, process.env))
  else if (positionals.length > 0)
    throw new CollectorError(
      `Expected no command, \`keys\`, \`move\` or \`sourcemaps\`, got \`${positionals.join(' ')}\` (see --help).`,
    )
  else await serve(readFlags(values, process.env))
}

await main(process.argv.slice(2)).catch(fail)
