import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Collector, createCollector } from '../src/index.js'
import { createHub, type Listener, type News } from '../src/live/hub.js'
import { ask, KEY, makeEvent, SITE, send, temporaryFolder, until } from './helpers.js'

const options = { port: 0, data: temporaryFolder(afterAll), site: SITE, key: KEY }
let collector: Collector

beforeAll(async () => {
  collector = await createCollector(options)
})
afterAll(() => collector.close())

interface Message {
  event: string
  data: Record<string, unknown>
  at: number
}

/** Reads a stream's messages; `ended` is true where the collector ended it and false where we stopped. */
async function open(url: string) {
  const stop = new AbortController()
  const response = await fetch(`${url}/api/v1/stream`, { signal: stop.signal })
  const messages: Message[] = []
  const ended = (async () => {
    let text = ''
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString()
      const parts = text.split('\n\n')
      text = parts.pop() ?? ''
      for (const part of parts) {
        const event = /^event: (.*)$/m.exec(part)?.[1]
        const data = /^data: (.*)$/m.exec(part)?.[1]
        if (event && data) messages.push({ event, data: JSON.parse(data), at: performance.now() })
      }
    }
  })().then(
    () => true,
    () => false,
  )
  return { response, messages, ended, stop: () => stop.abort() }
}

describe('GET /api/v1/stream', () => {
  it('says hello with the collector’s health at once', async () => {
    const { response, messages, ended, stop } = await open(collector.url)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    await until(() => messages.length === 1)
    expect(messages[0]).toMatchObject({
      event: 'hello',
      data: { status: 'ok', events: 0, store: 'embedded' },
    })
    stop()
    expect(await ended).toBe(false)
  })

  it('tells that something was stored, and how much, at most once a second', async () => {
    const { messages, ended, stop } = await open(collector.url)
    await until(() => messages.length === 1)
    for (let i = 0; i < 12; i++) await send(collector.url, [makeEvent(), makeEvent()])
    const news = () => messages.filter(message => message.event === 'stored')
    const counted = () => news().reduce((sum, message) => sum + Number(message.data.events), 0)
    await until(() => counted() === 24)
    const gaps = news()
      .slice(1)
      .map((message, i) => message.at - (news()[i]?.at ?? 0))
    for (const gap of gaps) expect(gap).toBeGreaterThan(900)
    stop()
    expect(await ended).toBe(false)
  })

  it('says nothing of what was known already', async () => {
    const event = makeEvent()
    await send(collector.url, event)
    const { messages, ended, stop } = await open(collector.url)
    await until(() => messages.length === 1)
    await send(collector.url, event)
    await send(collector.url, makeEvent())
    await until(() => messages.length === 2)
    expect(messages[1]?.data.events).toBe(1)
    stop()
    expect(await ended).toBe(false)
  })

  it('answers HEAD without a stream', async () => {
    const response = await fetch(`${collector.url}/api/v1/stream`, { method: 'HEAD' })
    expect(response.status).toBe(200)
  })

  it('serves 100 and refuses the next, until one leaves', async () => {
    const streams = await Promise.all(Array.from({ length: 100 }, () => open(collector.url)))
    const refused = await ask(`${collector.url}/api/v1/stream`)
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('30')
    const [first, ...others] = streams
    first?.stop()
    await until(async () => {
      const next = await open(collector.url)
      next.stop()
      return next.response.status === 200
    })
    for (const stream of others) stream.stop()
    await Promise.all(streams.map(stream => stream.ended))
  })

  it('ends when the collector closes', async () => {
    const { ended } = await open(collector.url)
    await collector.close()
    expect(await ended).toBe(true)
    collector = await createCollector(options)
  })
})

describe('the hub', () => {
  it('keeps no one that has left, and takes no one once it is closed', () => {
    const heard: News[] = []
    let ends = 0
    const listener: Listener = { onNews: news => heard.push(news), onEnd: () => ends++ }
    const hub = createHub()
    const leave = hub.join(listener)
    leave?.()
    hub.join(listener)
    hub.close()
    hub.stored({ events: 1, lag: 0 })
    expect(hub.join(listener)).toBeUndefined()
    expect([heard.length, ends]).toEqual([0, 1])
  })
})
