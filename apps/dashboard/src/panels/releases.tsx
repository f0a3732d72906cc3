import type { JSX } from 'preact'
import type { Answer } from '../data/feed.js'
import type { Listed, Release } from '../data/shapes.js'
import { Badge } from '../parts/badge.js'
import { Open } from '../parts/link.js'
import { Answered, Nothing, Panel } from '../parts/panel.js'
import { type Column, Table } from '../parts/table.js'
import { brief, reveal } from '../text/hostile.js'
import { tableToMarkdown } from '../text/markdown.js'
import { formatCount, formatRate } from '../text/numbers.js'
import { formatMoment } from '../text/time.js'

const COLUMNS: readonly Column<Release>[] = [
  {
    title: 'Release',
    wide: true,
    text: ({ release }) => release,
    cell: ({ release, environment, rollback }) => (
      <>
        <Open subject={{ kind: 'release', id: release }} class="row-link code">
          <bdi>{reveal(brief(release, 80))}</bdi>
        </Open>{' '}
        {environment && <small>{reveal(brief(environment, 40))}</small>}{' '}
        {rollback && <Badge tone="warn">ROLLBACK</Badge>}
      </>
    ),
  },
  {
    title: 'First seen',
    text: ({ first_seen }) => formatMoment(Date.parse(first_seen)),
    cell: ({ first_seen }) => <time dateTime={first_seen}>{formatMoment(Date.parse(first_seen))}</time>,
  },
  {
    title: 'Share of traffic',
    figure: true,
    text: ({ share }) => formatRate(share),
    cell: ({ share }) => (
      <>
        <svg class="meter" viewBox="0 0 48 6" preserveAspectRatio="none" aria-hidden="true">
          <rect class="meter-all" width="48" height="6" rx="3" />
          <rect class="meter-part" width={Math.max(48 * Math.min(share, 1), 1)} height="6" rx="3" />
        </svg>{' '}
        {formatRate(share)}
      </>
    ),
  },
  { title: 'Requests', figure: true, text: ({ requests }) => formatCount(requests) },
  {
    title: 'Failure rate',
    figure: true,
    text: ({ rate }) => formatRate(rate),
    cell: ({ rate, failures }) => <span class={failures > 0 ? 'strong' : undefined}>{formatRate(rate)}</span>,
  },
  {
    title: 'Errors new',
    figure: true,
    text: ({ errors }) => formatCount(errors.new),
    cell: ({ errors }) => (errors.new > 0 ? <strong class="alarm">{formatCount(errors.new)}</strong> : '0'),
  },
  { title: 'Grown', figure: true, text: ({ errors }) => formatCount(errors.grown) },
  { title: 'Gone', figure: true, text: ({ errors }) => formatCount(errors.gone) },
]

export function Releases({ answer }: { answer: Answer<Listed<Release>> | undefined }): JSX.Element {
  const rows = answer?.value?.items
  return (
    <Panel
      name="releases"
      title="Releases"
      note="the one that came last first"
      busy={answer?.stale ?? true}
      copy={rows?.length ? () => tableToMarkdown('Releases', COLUMNS, rows) : undefined}
    >
      <Answered answer={answer}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing>
              No release in this window. They are told apart once JUSTANALYTICS_RELEASE is set where your
              application starts.
            </Nothing>
          ) : (
            <Table
              label="Releases"
              columns={COLUMNS}
              rows={items}
              keyOf={({ release, environment, site }) => JSON.stringify([site, environment, release])}
              first={5}
            />
          )
        }
      </Answered>
    </Panel>
  )
}
