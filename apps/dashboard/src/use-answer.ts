import { useEffect, useState } from 'preact/hooks'
import { ask, CollectorError, type Trouble } from './data/client.js'

export interface Asked<T> {
  value: T | null
  trouble: { kind: Trouble; reason: string } | null
}

const NOTHING: Asked<never> = { value: null, trouble: null }

/**
 * One question of a drawer's own.
 *
 * @param path - where to ask; null while that is not known
 * @param turn - asked again when it changes, the last answer shown meanwhile
 */
export function useAnswer<T>(path: string | null, read: (answer: unknown) => T, turn = 0): Asked<T> {
  const [asked, setAsked] = useState<Asked<T> & { path: string | null }>({ ...NOTHING, path: null })
  useEffect(() => {
    if (path === null) return
    const asking = new AbortController()
    ask(path, asking.signal)
      .then(read)
      .then(
        value => setAsked({ value, trouble: null, path }),
        error => {
          if (asking.signal.aborted) return
          const kind = error instanceof CollectorError ? error.trouble : 'unreachable'
          setAsked(last => ({
            value: last.path === path ? last.value : null,
            trouble: { kind, reason: String(error?.message ?? error) },
            path,
          }))
        },
      )
    return () => asking.abort()
  }, [path, turn])
  return asked.path === path ? asked : NOTHING
}
