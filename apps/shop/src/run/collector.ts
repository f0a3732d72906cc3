import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCollector } from '@justanalytics/collector'
import type { Endpoint } from '../history/post.js'
import { atExit } from './at-exit.js'
import { createQuestions, type Questions } from './questions.js'

/** A collector of one's own, with a site, a key and a folder that go away with it. */
export interface OwnCollector {
  /** Of the page. */
  url: string
  siteId: string
  endpoint: Endpoint
  questions: Questions
  close(): Promise<void>
}

/** @param port 0, unless said: any free one */
export async function startCollector(port = 0): Promise<OwnCollector> {
  const data = await mkdtemp(join(tmpdir(), 'justanalytics-'))
  const siteId = 'shop'
  const apiKey = `ja_${randomBytes(16).toString('hex')}`
  const forget = atExit(() => rmSync(data, { recursive: true, force: true, maxRetries: 3 }))
  const remove = async () => {
    await rm(data, { recursive: true, force: true, maxRetries: 3 })
    forget()
  }
  try {
    const collector = await createCollector({ port, data, site: siteId, key: apiKey })
    return {
      url: collector.url,
      siteId,
      endpoint: { url: `${collector.url}/v1/events`, apiKey },
      questions: createQuestions(collector.url),
      async close() {
        await collector.close()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}
