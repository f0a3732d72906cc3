import { describe, expect, it, vi } from 'vitest'
import { watchWebResponse } from '../../src/capture/web-response.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A stream of two parts that is read as it is asked. */
function parts(onCancel?: (reason: unknown) => void): { stream: ReadableStream; pulls: () => number } {
  let pulls = 0
  const stream = new ReadableStream(
    {
      pull(controller) {
        if (++pulls <= 2) controller.enqueue(bytes(`part ${pulls} `))
        else controller.close()
      },
      cancel: reason => onCancel?.(reason),
    },
    { highWaterMark: 0 },
  )
  return { stream, pulls: () => pulls }
}

describe('a response that is no stream', () => {
  it.each<[string, Response]>([
    ['a text', new Response('text', { headers: { 'x-a': '1' } })],
    ['bytes', new Response(bytes('text'))],
    ['a form', new Response(new URLSearchParams({ a: '1' }))],
    ['no body', new Response(null, { status: 404 })],
    ['a 204', new Response(null, { status: 204 })],
    ['a 304', new Response(null, { status: 304 })],
    ['a body of known length', new Response(parts().stream, { headers: { 'content-length': '14' } })],
  ])('%s is over at once and left as it is', async (_what, response) => {
    const done = vi.fn()
    expect(watchWebResponse(response, done)).toBe(response)
    expect(done).toHaveBeenCalledExactlyOnceWith(response.status, 'ok')
    expect(response.bodyUsed).toBe(false)
    expect(response.body?.locked ?? false).toBe(false)
  })

  it('one whose body somebody is reading is left to them', () => {
    const response = new Response(parts().stream)
    response.body?.getReader()
    const done = vi.fn()
    expect(watchWebResponse(response, done)).toBe(response)
    expect(done).toHaveBeenCalledExactlyOnceWith(200, 'ok')
  })

  it('a stream that nobody will read, as for HEAD, is over at once', () => {
    const { stream, pulls } = parts()
    const response = new Response(stream)
    const done = vi.fn()
    expect(watchWebResponse(response, done, { hasBody: false })).toBe(response)
    expect(done).toHaveBeenCalledExactlyOnceWith(200, 'ok')
    expect(pulls()).toBe(0)
  })

  it.each([
    ['is sent', () => Promise.resolve()],
    ['could not be sent', () => Promise.reject(new Error('gone'))],
  ])('is over when it %s, where the platform tells', async (_how, settle) => {
    let go = (): void => {}
    const sent = new Promise<void>(resolve => {
      go = resolve
    }).then(settle)
    const done = vi.fn()
    watchWebResponse(new Response('text'), done, { sent })
    expect(done).not.toHaveBeenCalled()
    go()
    await sent.catch(() => {})
    expect(done).toHaveBeenCalledExactlyOnceWith(200, 'ok')
  })
})

describe('a stream', () => {
  it('is over with its last byte, and its response says what the first one did', async () => {
    const done = vi.fn()
    const headers = new Headers({ 'x-a': '1' })
    headers.append('set-cookie', 'a=1')
    headers.append('set-cookie', 'b=2')
    const given = new Response(parts().stream, { status: 201, statusText: 'Made', headers })
    const response = watchWebResponse(given, done)
    expect([response.status, response.statusText]).toEqual([201, 'Made'])
    expect([...response.headers]).toEqual([...headers])
    expect(done).not.toHaveBeenCalled()
    expect(await response.text()).toBe('part 1 part 2 ')
    expect(done).toHaveBeenCalledExactlyOnceWith(201, 'ok')
  })

  it('is known by what it declares too, whatever it is made of', async () => {
    for (const headers of [{ 'content-type': 'text/event-stream' }, { 'transfer-encoding': 'chunked' }]) {
      const done = vi.fn()
      const response = watchWebResponse(new Response(new Blob(['text']).stream(), { headers }), done)
      expect(done).not.toHaveBeenCalled()
      await response.text()
      expect(done).toHaveBeenCalledExactlyOnceWith(200, 'ok')
    }
  })

  it('is read only as its reader asks', async () => {
    const { stream, pulls } = parts()
    const reader = watchWebResponse(new Response(stream), () => {}).body?.getReader()
    await new Promise(setImmediate)
    expect(pulls()).toBe(0)
    await reader?.read()
    expect(pulls()).toBe(1)
  })

  it('that breaks is a stream_error, and its reader gets the error itself', async () => {
    const error = new Error('disk gone')
    const done = vi.fn()
    const broken = new ReadableStream({
      pull(controller) {
        controller.error(error)
      },
    })
    const response = watchWebResponse(new Response(broken), done)
    await expect(response.text()).rejects.toBe(error)
    expect(done).toHaveBeenCalledExactlyOnceWith(200, 'stream_error', error)
  })

  it('whose reader leaves is a client_abort, and hears of it with the reason', async () => {
    const cancelled = vi.fn()
    const done = vi.fn()
    const response = watchWebResponse(new Response(parts(cancelled).stream), done)
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.cancel('enough')
    expect(cancelled).toHaveBeenCalledExactlyOnceWith('enough')
    expect(done).toHaveBeenCalledExactlyOnceWith(200, 'client_abort')
  })
})
