import type { ComponentChildren, JSX } from 'preact'
import { formatView, type Subject, type View } from '../data/view.js'
import { opening, usePlace } from '../place.js'

interface LinkProps {
  change: Partial<View>
  class?: string
  label?: string
  current?: boolean
  children: ComponentChildren
}

/** A way to another view: an address like any other, taken without loading the page anew. */
export function Link({ change, class: name, label, current, children }: LinkProps): JSX.Element {
  const { view, go } = usePlace()
  return (
    <a
      href={formatView({ ...view, ...change })}
      class={name}
      aria-label={label}
      aria-current={current ? 'true' : undefined}
      onClick={event => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return
        event.preventDefault()
        go(change)
      }}
    >
      {children}
    </a>
  )
}

interface OpenProps {
  subject: Subject
  class?: string
  label?: string
  children: ComponentChildren
}

/** Opens a drawer. */
export function Open({ subject, children, ...more }: OpenProps): JSX.Element {
  const { view } = usePlace()
  return (
    <Link change={opening(view, subject)} {...more}>
      {children}
    </Link>
  )
}
