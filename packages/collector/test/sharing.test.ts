import { describe, expect, it } from 'vitest'
import type { Search } from '../src/query/parameters.js'
import { createSharing } from '../src/sharing.js'
import type { Store } from '../src/store/store.js'

/** A question that is answered when told to be, and says how often it was asked. */
function createQuestion() {
  const asked: { user: string | undefined; answer(value: string): void; fail(): void }[] = []
  const { share, forget } = createSharing({} as Store)
  const ask = share(
    (_store: Store, search: Search) =>
      new Promise<string>((resolve, reject) => {
        asked.push({ user: search('user'), answer: resolve, fail: () => reject(new Error('no answer')) })
      }),
  )
  return { asked, forget, ask: (query: string) => ask(`http://collector/api/v1/verdict?${query}`, 0) }
}

describe('a question that many ask at the same time', () => {
  it('is answered once, in whatever order its parameters come', async () => {
    const { asked, ask } = createQuestion()
    const answers = ['user=a&env=b', 'user=a&env=b', 'env=b&user=a'].map(ask)
    expect(asked.map(({ user }) => user)).toEqual(['a'])
    asked[0]?.answer('one')
    expect(await Promise.all(answers)).toEqual(['one', 'one', 'one'])
  })

  it('is answered for each who asks something else', async () => {
    const { asked, ask } = createQuestion()
    const answers = ['user=a', 'user=b'].map(ask)
    expect(asked.map(({ user }) => user)).toEqual(['a', 'b'])
    asked[1]?.answer('of b')
    asked[0]?.answer('of a')
    expect(await Promise.all(answers)).toEqual(['of a', 'of b'])
  })

  it('is answered anew once it was answered, or failed', async () => {
    const { asked, ask } = createQuestion()
    const failed = [ask(''), ask('')]
    asked[0]?.fail()
    for (const answer of failed) await expect(answer).rejects.toThrow('no answer')
    const next = ask('')
    asked[1]?.answer('two')
    expect(await next).toBe('two')
  })

  it('is answered anew for who asks after something was stored, and that answer is shared again', async () => {
    const { asked, forget, ask } = createQuestion()
    const before = ask('')
    forget()
    const after = ask('')
    asked[0]?.answer('old')
    expect(await before).toBe('old')
    const latest = ask('')
    expect(asked.length).toBe(2)
    asked[1]?.answer('new')
    expect(await Promise.all([after, latest])).toEqual(['new', 'new'])
  })

  it('that is asked wrongly is refused each time', async () => {
    const { ask } = createQuestion()
    await expect(ask(`user=${'u'.repeat(3000)}`)).rejects.toThrow('Expected `user` to be at most')
    await expect(ask(`user=${'u'.repeat(3000)}`)).rejects.toThrow('Expected `user` to be at most')
  })
})
