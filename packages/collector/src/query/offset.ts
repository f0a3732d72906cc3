import { expected, type Search } from './parameters.js'

/** Where a list that is ordered by its figures goes on: after so many entries. */
export function readOffset(search: Search): number {
  const cursor = search('cursor')
  if (cursor === undefined) return 0
  const text = Buffer.from(cursor, 'base64url').toString()
  if (!/^\d{1,9}$/.test(text)) throw expected('cursor', 'the `next` of an answer', cursor)
  return Number(text)
}

export function formatOffset(offset: number): string {
  return Buffer.from(String(offset)).toString('base64url')
}
