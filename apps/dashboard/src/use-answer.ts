import { useEffect, useState } from 'preact/hooks'
import { ask, passes, retryPause, type Trouble, troubleOf } from './data/client.js'

export interface Asked<T> {
  value: T | null
  trouble: Trouble | null
}

const NOTHING: Asked<never> = { value: null, trouble: null }

/**
 * One question of a drawer's own, asked again while there is trouble that may pass.
 *
 * @param path - where to ask; null while that is not known
 * @param turn - asked again when it changes, the last answer shown meanwhile
 */
export function useAnswer<T>(path: string | null, read: (answer: unknown) => T, turn = 0): Asked<T> {
  const [asked, setAsked] = useState<Asked<T> & { path: string | null }>({ ...NOTHING, path: null })
  useEffect(() => {
    if (path === null) return
    const asking = new AbortController()
    let failures = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const attempt = () =>
      ask(path, asking.signal)
        .then(read)
        .then(
          value => setAsked({ value, trouble: null, path }),
          error => {
            if (asking.signal.aborted) return
            const trouble = troubleOf(error)
            setAsked(last => ({ value: last.path === path ? last.value : null, trouble, path }))
            if (passes(trouble)) timer = setTimeout(attempt, retryPause(++failures))
          },
        )
    void attempt()
    return () => {
      clearTimeout(timer)
      asking.abort()
    }
  }, [path, turn])
  return asked.path === path ? asked : NOTHING
}
