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
    const script = `
      const { cache } = createRequire(import.meta.url)
      const loaded = () => ({
        undici: Object.keys(cache).some(path => path.includes('undici')),
        zlib: process.moduleLoadList.includes('NativeModule zlib'),
        threads: process.moduleLoadList.includes('NativeModule worker_threads'),
      })
      client.capture('one')
      const before = loaded()
      await client.flush()
      console.log(JSON.stringify([before, loaded().undici]))`
    expect(await runWithClient(script)).toEqual([{ undici: false, zlib: false, threads: false }, true])
  })

  it('has a fetch that is its own, before a batch and after it', async () => {
    const script = `
      const dispatchers = () => Object.getOwnPropertySymbols(globalThis).map(String).filter(name => /undici/.test(name))
      client.capture('one')
      await client.flush()
      console.log(JSON.stringify(dispatchers()))`
    expect(await runWithClient(script)).toEqual([])
  })

  it('sends all the same with an undici that has its files elsewhere', async () => {
    const resolve = `(specifier, context, next) => {
      if (specifier.startsWith('undici/')) throw new Error('not found')
      return next(specifier, context)
    }`
    const onThread = `data:text/javascript,${encodeURIComponent(`export const resolve = ${resolve}`)}`
    // Node 20 has none on the main thread, Node 26 deprecates those on a thread of their own.
    const script = `
      const { register, registerHooks } = module
      if (registerHooks) registerHooks({ resolve: ${resolve} })
      else register(${JSON.stringify(onThread)})
      client.capture('one')
      console.log(await client.flush())`
    expect(await runWithClient(script)).toBe(true)
  })
})

/** What a program with a client printed, after the one event that it captured has arrived. */
async function runWithClient(program: string): Promise<unknown> {
  await using endpoint = await Endpoint.open(accept)
  const script = `
    import module, { createRequire } from 'node:module'
    import { createAnalytics } from ${JSON.stringify(join(dist, 'index.js'))}
    const client = createAnalytics({ apiKey: 'k', siteId: 's', endpoint: ${JSON.stringify(endpoint.url)} })
    ${program}
    await client.close()`
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', script])
  expect(stderr).toBe('')
  expect(endpoint.events).toHaveLength(1)
  return JSON.parse(stdout)
}
