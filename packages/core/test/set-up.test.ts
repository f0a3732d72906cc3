import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { accept, Endpoint } from './endpoint.js'

const run = promisify(execFile)
const dist = join(import.meta.dirname, '../dist')

/** What is loaded with a file of what was built, the file itself included. */
function filesBehind(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found
  found.add(file)
  const text = readFileSync(join(dist, file), 'utf8')
  for (const [, specifier = ''] of text.matchAll(/^(?:im|ex)port .*from "([.#].*)";$/gm))
    filesBehind(specifier === '#platform' ? 'platform/node.js' : join(dirname(file), specifier), found)
  return found
}

describe('an application that starts', () => {
  it.each(['index', 'adapter'])('loads few files for %s, as each takes its time', entry => {
    const files = [`${entry}.js`, 'client.js', 'common.js', 'platform/node.js']
    expect(filesBehind(`${entry}.js`)).toEqual(new Set(files))
  })

  it.each(['node', 'web'])('has the platform %s before the client that is built on it', platform => {
    const file = `platform/${platform}.js`
    expect(filesBehind(file)).toEqual(new Set([file, 'common.js']))
  })

  it('loads what sends with the first batch and not before', async () => {
    await using endpoint = await Endpoint.open(accept)
    const script = `
      import { createRequire } from 'node:module'
      import { createAnalytics } from ${JSON.stringify(join(dist, 'index.js'))}
      const { cache } = createRequire(import.meta.url)
      const loaded = () => ({
        undici: Object.keys(cache).some(path => path.includes('undici')),
        zlib: process.moduleLoadList.includes('NativeModule zlib'),
        threads: process.moduleLoadList.includes('NativeModule worker_threads'),
      })
      const client = createAnalytics({ apiKey: 'k', siteId: 's', endpoint: ${JSON.stringify(endpoint.url)} })
      client.capture('one')
      const before = loaded()
      await client.flush()
      console.log(JSON.stringify([before, loaded().undici]))
      await client.close()`
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', script])
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual([{ undici: false, zlib: false, threads: false }, true])
    expect(endpoint.events).toHaveLength(1)
  })
})
