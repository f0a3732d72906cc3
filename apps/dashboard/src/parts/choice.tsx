import type { JSX } from 'preact'

interface ChoiceProps {
  label: string
  /** What no choice is called. */
  all: string
  options: readonly string[]
  value: string | null
  onChoose(value: string | null): void
}

/** A select over what there is, and what is chosen already. */
export function Choice({ label, all, options, value, onChoose }: ChoiceProps): JSX.Element {
  const offered = value === null || options.includes(value) ? options : [value, ...options]
  return (
    <label class="choice">
      <span class="unseen">{label}</span>
      <select value={value ?? ''} onChange={event => onChoose(event.currentTarget.value || null)}>
        <option value="">{all}</option>
        {offered.map(option => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </label>
  )
}
