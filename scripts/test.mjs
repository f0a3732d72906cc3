/** `pnpm test`: everything that has to hold, one step after the other. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureNativeParts } from './native.mjs'
import { need, PROGRAM_NAMES } from './needs.mjs'
import { bin, isUnderPnpm, root, run, seconds, turbo } from './steps.mjs'

const report = join(root, 'artifacts/vitest.json')
const examples = readdirSync(join(root, 'apps')).filter(name =>
  existsSync(join(root, 'apps', name, 'verify.ts')),
)

/** What a step does: a program to run, or a function that throws. `count` tells how many tests it was. */
const STEPS = [
  { name: 'native', about: "this machine's native parts", call: () => ensureNativeParts(root) },
  { name: 'programs', about: 'what comes from outside npm', call: findPrograms },
  { name: 'build', about: 'all packages', after: 'native', command: turbo('build') },
  { name: 'types', about: 'sources and tests', after: 'build', command: turbo('types') },
  {
    name: 'lint',
    about: 'Biome, warnings included',
    after: 'native',
    command: [bin('biome'), 'check', '--error-on-warnings', '.'],
  },
  {
    name: 'knip',
    about: 'files, exports and dependencies nobody uses',
    after: 'build',
    command: [bin('knip')],
  },
  {
    name: 'unit',
    about: 'unit tests and conformance',
    after: 'build',
    command: [bin('vitest'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    count: countTests,
  },
  {
    name: 'report',
    about: 'the conformance cases by frameworks and majors',
    after: 'unit',
    command: ['node', 'dist/print-report.js'],
    folder: join(root, 'packages/conformance'),
  },
  {
    name: 'guard',
    about: 'what a request allocates',
    after: 'build',
    command: ['node', '--expose-gc', '--min-semi-space-size=16', 'dist/guard.js'],
    folder: join(root, 'bench'),
  },
  ...examples.map(name => ({
    name,
    about: 'the example, verified',
    after: 'build',
    command: ['node', '--import', 'tsx', 'verify.ts'],
    folder: join(root, 'apps', name),
  })),
  {
    name: 'packages',
    about: 'tarballs, installed and used',
    after: 'build',
    command: ['node', 'scripts/check-packages.mjs'],
  },
]

const HELP = `Usage: npx -y pnpm@12 test [--only <step>]... [--verbose]

Runs, in this order:
${STEPS.map(({ name, about }) => `  ${name.padEnd(16)} ${about}`).join('\n')}

  --only <step>   only this one, and what it stands on; may be given more than once
  --verbose       show what steps print while they run, not only where they fail
  --help          this text`

const { only = [], verbose = false, help } = readArguments()
if (help) console.log(HELP)
else if (isUnderPnpm()) process.exitCode = await main()

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        verbose: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    const unknown = values.only?.find(name => !STEPS.some(step => step.name === name))
    if (unknown) throw new Error(`There is no step ${unknown}.`)
    return values
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`)
    process.exit(1)
  }
}

async function main() {
  rmSync(report, { force: true })
  const total = { passed: 0, failed: 0 }
  const broken = new Set()
  for (const step of STEPS.filter(isWanted)) {
    if (broken.has(step.after)) {
      console.log(`- ${step.name.padEnd(16)} not run, for want of ${step.after}`)
      broken.add(step.name)
      total.failed++
      continue
    }
    const began = performance.now()
    if (verbose) console.log(`\n> ${step.name}: ${step.about}`)
    const { ok, output } = await runStep(step)
    const counted = step.count?.(ok) ?? { passed: Number(ok), failed: Number(!ok) }
    if (!ok && !verbose) console.log(output.trimEnd())
    if (!ok) broken.add(step.name)
    const tests = step.count ? ` (${counted.passed} of ${counted.passed + counted.failed} tests)` : ''
    console.log(`${ok ? '✓' : '✗'} ${step.name.padEnd(16)} ${seconds(began).padStart(8)}${tests}`)
    total.passed += counted.passed
    total.failed += counted.failed
  }
  console.log(`${total.passed} passed, ${total.failed} failed`)
  return total.failed === 0 ? 0 : 1
}

/** Whether a step was asked for, or one that stands on it was. */
function isWanted({ name }) {
  if (only.length === 0 || only.includes(name)) return true
  return STEPS.some(step => step.after === name && isWanted(step))
}

async function runStep({ call, command, folder }) {
  if (command) return run(command, { verbose, folder })
  try {
    const lines = await call()
    for (const line of lines) console.log(`  ${line}`)
    return { ok: true, output: '' }
  } catch (error) {
    if (verbose) console.log(error.message)
    return { ok: false, output: error.message }
  }
}

/** Where the programs are, for the tests; a missing one is a line, and its tests fail for themselves. */
function findPrograms() {
  const missing = []
  for (const name of PROGRAM_NAMES) {
    try {
      const { path, variable } = need(name)
      process.env[variable] = path
    } catch (error) {
      missing.push(error.message)
    }
  }
  if (missing.length) throw new Error(missing.join('\n'))
  return []
}

/** From Vitest's report; a run that broke without a failing test counts as one. */
function countTests(ok) {
  if (!existsSync(report)) return { passed: 0, failed: 1 }
  const { numPassedTests: passed, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'))
  return { passed, failed: ok ? 0 : Math.max(1, numFailedTests) }
}
