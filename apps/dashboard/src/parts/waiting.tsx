import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** After so long one wonders whether anything still happens. */
const LONG = 4000

/** Room for what is on its way. */
export function Waiting(): JSX.Element {
  const [long, setLong] = useState(false)
  useEffect(() => {
    const timer = setTimeout(setLong, LONG, true)
    return () => clearTimeout(timer)
  }, [])
  return (
    <>
      <div class="skeleton" aria-hidden="true">
        <span />
        <span />
        <span />
      </div>
      {long && <p class="quiet">Still working on it…</p>}
    </>
  )
}
