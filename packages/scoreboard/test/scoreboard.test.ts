import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const PROGRAM = join(import.meta.dirname, '../dist/scoreboard.js')
const run = (...args: string[]) => promisify(execFile)(process.execPath, [PROGRAM, ...args])

it('holds what a client did against the promise', async () => {
  const { stdout } = await run('--only', 'healthy endpoint', '--client', 'ours', '--client', 'posthog')
  expect(stdout).toContain('| A healthy endpoint | every event once | ✓ 100 of 100 delivered | ✓ 100 of')
  expect(stdout).toContain('**1 of 1**')
})

it('says what it knows when it is asked for something else', async () => {
  await expect(run('--client', 'nobody')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^There is no client nobody\.(?:.|\n)*--only <text>/),
  })
})
