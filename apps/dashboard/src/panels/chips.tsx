import type { JSX } from 'preact'
import { FILTERS, type FilterName, KINDS, type Kind, withFilter } from '../data/view.js'
import { Link, Open } from '../parts/link.js'
import { usePlace } from '../place.js'
import { brief, reveal } from '../text/hostile.js'

const LABELS: Record<FilterName, string> = {
  site: 'Site',
  env: 'Environment',
  release: 'Release',
  flow: 'Flow',
  group: 'Error',
  user: 'User',
  job: 'Job',
  status: 'Status',
  q: 'Search',
}

function kindOf(name: FilterName): Kind | null {
  // A job's filter is its name, its drawer is one job's.
  return name === 'job' ? null : (KINDS.find(kind => kind === name) ?? null)
}

/** The filters in force, each to be looked at or let go of. */
export function Chips(): JSX.Element | null {
  const { view } = usePlace()
  // These two have a choice of their own in the bar.
  const names = FILTERS.filter(name => view.filters[name] && name !== 'site' && name !== 'env')
  if (names.length === 0) return null
  return (
    <ul class="chips" aria-label="Filters">
      {names.map(name => {
        const value = view.filters[name] ?? ''
        const shown = reveal(brief(value, 80))
        const kind = kindOf(name)
        return (
          <li key={name} class="chip">
            <span class="chip-label">{LABELS[name]}</span>
            {kind ? (
              <Open subject={{ kind, id: value }} class="chip-value">
                <bdi>{shown}</bdi>
              </Open>
            ) : (
              <bdi class="chip-value">{shown}</bdi>
            )}
            <Link
              change={{ filters: withFilter(view.filters, name, null) }}
              class="chip-away"
              label={`Without the filter ${LABELS[name].toLowerCase()} ${shown}`}
            >
              <svg viewBox="0 0 10 10" aria-hidden="true">
                <path d="M2 2l6 6M8 2l-6 6" />
              </svg>
            </Link>
          </li>
        )
      })}
      {names.length > 1 && (
        <li>
          <Link
            class="chip-clear"
            change={{
              filters: names.reduce((left, name) => withFilter(left, name, null), view.filters),
            }}
          >
            Clear filters
          </Link>
        </li>
      )}
    </ul>
  )
}
