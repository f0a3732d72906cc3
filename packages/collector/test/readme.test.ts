import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { temporaryFolder } from './helpers.js'

const root = join(import.meta.dirname, '..')

it('the first program of the README runs as it stands', async () => {
  const [, program = ''] = /```js\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? []
  mkdirSync(join(root, 'artifacts'), { recursive: true })
  const file = join(root, 'artifacts', 'readme.mjs')
  writeFileSync(file, program)
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: temporaryFolder() })
  expect(stdout).toBe('{ accepted: 1, rejected: [] }\n')
})
