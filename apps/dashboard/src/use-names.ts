import { useEffect, useState } from 'preact/hooks'
import { askNames } from './data/client.js'
import { RANGES } from './data/view.js'

/** The sites or environments of the last 7 days, and the chosen one in any case; asked for once there is something. */
export function useNames(by: 'site' | 'environment', known: boolean, chosen: string | null): string[] {
  const [names, setNames] = useState<string[]>([])
  useEffect(() => {
    if (!known) return
    const asking = new AbortController()
    const to = Date.now()
    askNames(by, { from: to - (RANGES['7d'] ?? 0), to }, asking.signal).then(setNames, () => {
      // A list that is not there leaves what is chosen; the feed tells of the trouble.
    })
    return () => asking.abort()
  }, [by, known])
  return chosen === null || names.includes(chosen) ? names : [...names, chosen]
}
