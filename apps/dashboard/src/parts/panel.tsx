import type { ComponentChildren, JSX } from 'preact'
import type { Answer } from '../data/feed.js'
import { CopyButton } from './copy-button.js'
import { TroubleLine } from './trouble-line.js'
import { Waiting } from './waiting.js'

interface PanelProps {
  /** Its address on the page, too. */
  name: string
  title: string
  /** What the figures are of, in a few words. */
  note?: ComponentChildren
  tools?: ComponentChildren
  /** The panel as Markdown; absent where there is nothing to copy. */
  copy?: (() => string) | undefined
  busy?: boolean
  children: ComponentChildren
}

export function Panel({ name, title, note, tools, copy, busy, children }: PanelProps): JSX.Element {
  return (
    <section class={`panel panel-${name}`} id={name} aria-labelledby={`${name}-title`} aria-busy={busy}>
      <div class="panel-head">
        <h2 id={`${name}-title`}>{title}</h2>
        {note && <p class="quiet">{note}</p>}
        <div class="panel-tools">
          {tools}
          {copy && <CopyButton text={copy} label="Copy" name={`Copy ${title} as Markdown`} />}
        </div>
      </div>
      {children}
    </section>
  )
}

interface AnsweredProps<T> {
  answer: Answer<T> | undefined
  children(value: T): ComponentChildren
}

/** What an answer shows; or that it is on its way; or why there is none. */
export function Answered<T>({ answer, children }: AnsweredProps<T>): JSX.Element {
  // That nobody is there is told once, above the panels.
  const told = answer?.trouble && answer.trouble.kind !== 'unreachable' ? answer.trouble : null
  return (
    <>
      {told && <TroubleLine trouble={told} />}
      {answer?.value ? children(answer.value) : !told && <Waiting />}
    </>
  )
}

export function Nothing({ children }: { children: ComponentChildren }): JSX.Element {
  return <p class="nothing">{children}</p>
}
