import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** The clipboard exists in secure contexts only; elsewhere a selected text field does it. */
async function copy(text: string): Promise<boolean> {
  if (navigator.clipboard)
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'unseen'
  document.body.append(field)
  field.select()
  const copied = document.execCommand('copy')
  field.remove()
  return copied
}

interface CopyButtonProps {
  text(): string
  label: string
}

export function CopyButton({ text, label }: CopyButtonProps): JSX.Element {
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
        onClick={async () => setOutcome((await copy(text())) ? 'Copied' : 'The browser refused')}
      >
        {outcome || label}
      </button>
      <span role="status" class="unseen">
        {outcome}
      </span>
    </>
  )
}
