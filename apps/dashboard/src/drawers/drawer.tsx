import type { ComponentChildren, JSX } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { formatView } from '../data/view.js'
import { CopyButton } from '../parts/copy-button.js'
import { usePlace } from '../place.js'

interface DrawerProps {
  /** What kind of thing it shows: "Request". */
  kind: string
  title: ComponentChildren
  /** The drawer as Markdown; null while there is nothing to copy. */
  copy: (() => string) | null
  /** Buttons and links of its own. */
  tools?: ComponentChildren
  children: ComponentChildren
}

const FOCUSABLE = 'a[href], button:not(:disabled), input, select, summary, [tabindex="0"]'

/** Keeps Tab inside: after the last comes the first. */
function keepInside(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  if (event.key !== 'Tab') return
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(each =>
    each.checkVisibility(),
  )
  const [first, last] = [all[0], all.at(-1)]
  const { activeElement } = document
  if (
    event.shiftKey ? activeElement !== first && activeElement !== event.currentTarget : activeElement !== last
  )
    return
  event.preventDefault()
  const next = event.shiftKey ? last : first
  next?.focus()
}

/** A modal over the page, at its right edge. The browser keeps focus inside and gives it back at the end. */
export function Drawer({ kind, title, copy, tools, children }: DrawerProps): JSX.Element {
  const { view, go } = usePlace()
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  const close = () => go({ drawers: view.drawers.slice(0, -1) })

  useLayoutEffect(() => {
    const { current } = dialog
    current?.showModal()
    return () => current?.close()
  }, [])

  return (
    <dialog
      ref={dialog}
      class="drawer"
      aria-labelledby={heading}
      onKeyDown={keepInside}
      onCancel={event => {
        // Closing is a step to another address; the dialog follows that.
        event.preventDefault()
        close()
      }}
      onPointerDown={event => event.target === event.currentTarget && close()}
    >
      <div class="drawer-inner">
        <header class="drawer-head">
          <div class="drawer-title">
            <p class="drawer-kind">{kind}</p>
            <h2 id={heading}>{title}</h2>
          </div>
          <button
            type="button"
            class="drawer-close"
            aria-label={`Close ${kind.toLowerCase()}`}
            onClick={close}
          >
            <svg viewBox="0 0 10 10" aria-hidden="true">
              <path d="M1.5 1.5l7 7M8.5 1.5l-7 7" />
            </svg>
          </button>
          <div class="drawer-tools">
            {tools}
            {copy && <CopyButton text={copy} label="Copy as Markdown" />}
            <CopyButton text={() => new URL(formatView(view), document.baseURI).href} label="Copy link" />
          </div>
        </header>
        {children}
      </div>
    </dialog>
  )
}

interface SectionProps {
  title: string
  note?: ComponentChildren
  children: ComponentChildren
}

export function Section({ title, note, children }: SectionProps): JSX.Element {
  return (
    <section class="drawer-section">
      <h3>
        {title} {note && <small>{note}</small>}
      </h3>
      {children}
    </section>
  )
}
