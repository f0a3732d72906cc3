import type { JSX } from 'preact'
import type { Answer } from '../data/feed.js'
import type { Group, Listed } from '../data/shapes.js'
import { Badge } from '../parts/badge.js'
import { Open } from '../parts/link.js'
import { Answered, Nothing, Panel } from '../parts/panel.js'
import { Sparkline } from '../parts/sparkline.js'
import { type Column, Table } from '../parts/table.js'
import { brief, reveal } from '../text/hostile.js'
import { tableToMarkdown } from '../text/markdown.js'
import { formatCount } from '../text/numbers.js'
import { formatAgo } from '../text/time.js'

const TONES = { NEW: 'bad', GROWN: 'bad', REGRESSED: 'bad', MUTED: 'calm' } as const

/** The groups of errors, as the page and the drawers list them. */
export function errorColumns(now: number): Column<Group>[] {
  return [
    {
      title: 'Error',
      wide: true,
      text: ({ title, culprit, badge }) =>
        [badge, title, culprit && `in ${culprit}`].filter(Boolean).join(' '),
      cell: ({ id, title, culprit, badge, status }) => (
        <>
          <Open subject={{ kind: 'group', id }} class="row-link">
            <bdi>{reveal(brief(title, 200))}</bdi>
          </Open>
          <small class="under">
            {badge && <Badge tone={TONES[badge]}>{badge}</Badge>}
            {status === 'resolved' && <Badge tone="good">RESOLVED</Badge>}{' '}
            <bdi class="code">{reveal(brief(culprit ?? '', 120))}</bdi>
          </small>
        </>
      ),
    },
    {
      title: 'In this window',
      text: () => '',
      cell: ({ sparkline }) => <Sparkline counts={sparkline} />,
    },
    {
      title: 'Count',
      figure: true,
      text: ({ count }) => formatCount(count),
      cell: ({ count }) => <span class="strong">{formatCount(count)}</span>,
    },
    { title: 'Users', figure: true, text: ({ users }) => formatCount(users) },
    {
      title: 'Flows',
      wide: true,
      text: ({ flows }) => flows.join(', '),
      cell: ({ flows: [first, ...others] }) =>
        first !== undefined && (
          <span class="clip code">
            <bdi>{reveal(brief(first, 100))}</bdi>
            {others.length > 0 && <small> +{others.length}</small>}
          </span>
        ),
    },
    {
      title: 'Releases',
      text: ({ first_release, last_release }) => span(first_release, last_release),
      cell: ({ first_release, last_release }) => (
        <span class="clip">
          <bdi>{reveal(brief(span(first_release, last_release), 80))}</bdi>
        </span>
      ),
    },
    {
      title: 'Last seen',
      text: ({ last_seen }) => last_seen,
      cell: ({ last_seen }) => <time dateTime={last_seen}>{formatAgo(Date.parse(last_seen), now)}</time>,
    },
  ]
}

function span(first: string | null, last: string | null): string {
  if (first === last || last === null) return first ?? ''
  return first === null ? last : `${first} → ${last}`
}

export function Errors({ answer }: { answer: Answer<Listed<Group>> | undefined }): JSX.Element {
  const columns = errorColumns(answer?.at ?? 0)
  const rows = answer?.value?.items
  return (
    <Panel
      name="errors"
      title="Errors"
      note={rows?.length ? 'the most frequent first' : undefined}
      busy={answer?.stale ?? true}
      copy={rows?.length ? () => tableToMarkdown('Errors', columns, rows) : undefined}
    >
      <Answered answer={answer}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing>No exceptions in this window.</Nothing>
          ) : (
            <Table label="Errors" columns={columns} rows={items} keyOf={({ id }) => id} toneOf={toneOf} />
          )
        }
      </Answered>
    </Panel>
  )
}

function toneOf({ badge, status }: Group): string | undefined {
  if (badge === 'MUTED' || status !== 'open') return 'row-quiet'
  return badge ? 'row-bad' : undefined
}
