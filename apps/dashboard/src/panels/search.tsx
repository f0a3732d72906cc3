import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { type Filters, withFilter } from '../data/view.js'
import { usePlace } from '../place.js'

const STATUS = /^(?:[1-5]xx|[1-5]\d\d)$/i
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What was typed: an id of a request opens it, a status filters by it, anything else is looked for. */
export function Search(): JSX.Element {
  const { view, go } = usePlace()
  const field = useRef<HTMLInputElement>(null)

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof Element && event.target.closest('input, select, textarea, dialog')
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      field.current?.focus()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])

  const submit = (text: string) => {
    if (UUID.test(text)) return go({ drawers: [{ kind: 'request', id: text }] })
    const filters: Filters = STATUS.test(text)
      ? withFilter(view.filters, 'status', text.toLowerCase())
      : withFilter(view.filters, 'q', text)
    go({ filters })
  }

  return (
    <search class="search">
      <form
        onSubmit={event => {
          event.preventDefault()
          submit(field.current?.value.trim() ?? '')
        }}
      >
        <input
          ref={field}
          type="search"
          aria-label="Search for a message, route, request id or status"
          placeholder="Search"
          maxLength={500}
          // The address may change under it: Back brings back what was looked for.
          key={view.filters.q ?? ''}
          defaultValue={view.filters.q ?? ''}
        />
      </form>
    </search>
  )
}
