import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { accept, Endpoint } from './endpoint.js'

const run = promisify(execFile)

it('undici, the greater part of what there is to load, is loaded with the first batch and not before', async () => {
  await using endpoint = await Endpoint.open(accept)
  const script = `
    import { createRequire } from 'node:module'
    import { createAnalytics } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)}
    const { cache } = createRequire(import.meta.url)
    const isLoaded = () => Object.keys(cache).some(path => path.includes('undici'))
    const client = createAnalytics({ apiKey: 'k', siteId: 's', endpoint: ${JSON.stringify(endpoint.url)} })
    client.capture('one')
    const before = isLoaded()
    await client.flush()
    console.log(JSON.stringify([before, isLoaded()]))
    await client.close()`
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', script])
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual([false, true])
  expect(endpoint.events).toHaveLength(1)
})
