import { useEffect, useState } from 'preact/hooks'
import { askNames } from './data/client.js'
import { RANGES } from './data/view.js'

const ASK_EVERY_MS = 60_000

/**
 * The sites or environments of the last 7 days, and the chosen one in any case.
 *
 * @param at - when the page last had an answer; null while there is nothing to ask about
 */
export function useNames(by: 'site' | 'environment', at: number | null, chosen: string | null): string[] {
  const [names, setNames] = useState<string[]>([])
  const turn = at === null ? null : Math.floor(at / ASK_EVERY_MS)
  useEffect(() => {
    if (turn === null) return
    const asking = new AbortController()
    const to = (turn + 1) * ASK_EVERY_MS
    askNames(by, { from: to - (RANGES['7d'] ?? 0), to }, asking.signal).then(setNames, () => {
      // A list that is not there leaves what is chosen; the feed tells of the trouble.
    })
    return () => asking.abort()
  }, [by, turn])
  return chosen === null || names.includes(chosen) ? names : [...names, chosen]
}
