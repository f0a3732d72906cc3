import type { JSX } from 'preact'

interface BadgeProps {
  children: string
  tone?: 'bad' | 'warn' | 'good' | 'calm'
}

export function Badge({ children, tone = 'calm' }: BadgeProps): JSX.Element {
  return <span class={`badge badge-${tone}`}>{children}</span>
}
