import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** The clipboard exists in secure contexts only; elsewhere a selected text field does it. */
async function copy(text: string, beside: Element): Promise<boolean> {
  if (navigator.clipboard)
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'unseen'
  // Outside of an open dialog nothing can be selected.
  beside.after(field)
  field.select()
  const copied = document.execCommand('copy')
  field.remove()
  return copied
}

interface CopyButtonProps {
  text(): string
  label: string
  /** What it is called where the label alone does not tell. */
  name?: string
}

export function CopyButton({ text, label, name }: CopyButtonProps): JSX.Element {
  const [outcome, setOutcome] = useState('')
  useEffect(() => {
    const timer = outcome && setTimeout(() => setOutcome(''), 2000)
    return () => timer && clearTimeout(timer)
  }, [outcome])
  return (
    <>
      <button
        type="button"
        class="copy"
        aria-label={outcome ? undefined : name}
        onClick={async ({ currentTarget }) =>
          setOutcome((await copy(text(), currentTarget)) ? 'Copied' : 'The browser refused')
        }
      >
        {outcome || label}
      </button>
      <span role="status" class="unseen">
        {outcome}
      </span>
    </>
  )
}
