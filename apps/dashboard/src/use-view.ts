import { useCallback, useEffect, useState } from 'preact/hooks'
import { formatView, parseView, type View } from './data/view.js'

/** Goes to another view of the page, a step that Back undoes. */
export type Go = (change: Partial<View>) => void

/** The view that the address says, and how to change both. */
export function useView(): [View, Go] {
  const [view, setView] = useState(() => parseView(location.search))

  useEffect(() => {
    const onBack = () => setView(parseView(location.search))
    addEventListener('popstate', onBack)
    return () => removeEventListener('popstate', onBack)
  }, [])

  const go = useCallback<Go>(change => {
    const next = { ...parseView(location.search), ...change }
    history.pushState(null, '', formatView(next))
    setView(next)
  }, [])

  return [view, go]
}
