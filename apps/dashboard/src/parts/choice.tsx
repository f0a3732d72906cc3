import type { JSX } from 'preact'

interface ChoiceProps {
  label: string
  /** What no choice is called. */
  all: string
  options: readonly string[]
  value: string | null
  onChoose(value: string | null): void
}

/** A select over what there is; a single option without a choice to make is just named. */
export function Choice({ label, all, options, value, onChoose }: ChoiceProps): JSX.Element {
  return (
    <label class="choice">
      <span class="unseen">{label}</span>
      <select value={value ?? ''} onChange={event => onChoose(event.currentTarget.value || null)}>
        <option value="">{all}</option>
        {options.map(option => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </label>
  )
}
