import type { JSX } from 'preact'
import type { Answer } from '../data/feed.js'
import type { ListedUser, UserList } from '../data/shapes.js'
import { Badge } from '../parts/badge.js'
import { Open } from '../parts/link.js'
import { Answered, Nothing, Panel } from '../parts/panel.js'
import { type Column, Table } from '../parts/table.js'
import { brief, reveal } from '../text/hostile.js'
import { tableToMarkdown } from '../text/markdown.js'
import { formatCount, plural } from '../text/numbers.js'
import { formatAgo } from '../text/time.js'
import { briefVisitor } from '../text/visitor.js'

const STATES = {
  failing: { label: 'still failing', tone: 'bad' },
  recovered: { label: 'recovered', tone: 'good' },
  fine: { label: 'fine', tone: 'calm' },
} as const

/** Users, and visitors where nobody is signed in. */
export function userColumns(now: number): Column<ListedUser>[] {
  return [
    {
      title: 'Who',
      wide: true,
      text: ({ id, kind }) => `${kind} ${id}`,
      cell: ({ id, kind, groups: [worst] }) => (
        <>
          <Open subject={{ kind: 'user', id }} class="row-link">
            <bdi>{reveal(kind === 'visitor' ? briefVisitor(id) : brief(id, 60))}</bdi>
          </Open>{' '}
          {kind === 'visitor' && <small>visitor</small>}
          {worst && (
            <small class="under">
              <bdi>{reveal(brief(worst.title, 100))}</bdi>
            </small>
          )}
        </>
      ),
    },
    {
      title: 'Failed',
      figure: true,
      text: ({ failures, requests }) => `${formatCount(failures)} of ${formatCount(requests)}`,
      cell: ({ failures, requests }) => (
        <>
          <span class="strong">{formatCount(failures)}</span> <small>of {formatCount(requests)}</small>
        </>
      ),
    },
    { title: 'Jobs', figure: true, text: ({ task_failures }) => formatCount(task_failures) },
    {
      title: 'Last failure',
      text: ({ last_failure }) => last_failure ?? '',
      cell: ({ last_failure }) =>
        last_failure && <time dateTime={last_failure}>{formatAgo(Date.parse(last_failure), now)}</time>,
    },
    {
      title: 'State',
      text: ({ state }) => STATES[state]?.label ?? state,
      cell: ({ state }) => (
        <Badge tone={STATES[state]?.tone ?? 'calm'}>{STATES[state]?.label ?? state}</Badge>
      ),
    },
  ]
}

export function Who({ answer }: { answer: Answer<UserList> | undefined }): JSX.Element {
  const columns = userColumns(answer?.at ?? 0)
  const rows = answer?.value?.items
  return (
    <Panel
      name="who"
      title="Who"
      note={rows?.length ? 'the worst hit first' : undefined}
      busy={answer?.stale ?? true}
      copy={rows?.length ? () => tableToMarkdown('Who', columns, rows) : undefined}
    >
      <Answered answer={answer}>
        {({ items, totals }) =>
          items.length === 0 ? (
            <Nothing>
              Nobody was hit
              {totals.users + totals.visitors > 0 &&
                `: ${plural(totals.users, 'user')} and ${plural(totals.visitors, 'visitor')} without a failure`}
              .
            </Nothing>
          ) : (
            <>
              <Totals totals={totals} />
              <Table label="Who" columns={columns} rows={items} keyOf={({ kind, id }) => `${kind} ${id}`} />
            </>
          )
        }
      </Answered>
    </Panel>
  )
}

function Totals({ totals }: Pick<UserList, 'totals'>): JSX.Element {
  const figures: [label: string, hit: number, all: number | null][] = [
    ['Users hit', totals.affected_users, totals.users],
    ['Visitors hit', totals.affected_visitors, totals.visitors],
    ['Still failing', totals.failing, null],
  ]
  return (
    <dl class="totals">
      {figures.map(([label, hit, all]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            {formatCount(hit)} {all !== null && <small>of {formatCount(all)}</small>}
          </dd>
        </div>
      ))}
    </dl>
  )
}
