import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { listReader, reader } from '../data/answers.js'
import { address } from '../data/client.js'
import type { Comparison, Listed, Release } from '../data/shapes.js'
import { type Subject, withFilter } from '../data/view.js'
import { AskedView } from '../parts/asked.js'
import { Link } from '../parts/link.js'
import { Table } from '../parts/table.js'
import { currentWindow, usePlace } from '../place.js'
import { brief, reveal } from '../text/hostile.js'
import { formatCount, formatRate } from '../text/numbers.js'
import { formatMoment } from '../text/time.js'
import { useAnswer } from '../use-answer.js'
import { COMPARED_COLUMNS } from './columns.js'
import { Drawer, Section } from './drawer.js'
import { comparisonToMarkdown } from './markdown.js'

const readReleases = listReader<Listed<Release>>()
const readComparison = reader<Comparison>('grown')

const PARTS = [
  ['new', 'New errors'],
  ['grown', 'Grown'],
  ['same', 'The same'],
  ['gone', 'Gone'],
] as const

/** A release beside another one, error by error, per 1,000 requests. */
export function ReleaseDrawer({ id, against: chosen }: Subject): JSX.Element {
  const { view, go } = usePlace()
  const { site, env } = view.filters
  const [filters, window] = useMemo(
    () => [{ ...(site && { site }), ...(env && { env }) }, currentWindow(view)] as const,
    [site, env, view.from, view.to, view.range],
  )
  const releases = useAnswer(address('releases', filters, window), readReleases).value?.items ?? []
  const release = releases.find(each => each.release === id)
  const others = [...new Set(releases.map(each => each.release))].filter(name => name !== id)
  const against = chosen ?? release?.previous ?? others[0] ?? null
  const choices = against === null || others.includes(against) ? others : [against, ...others]
  const path = against && address('releases/compare', filters, window, { a: against, b: id })
  const asked = useAnswer(path, readComparison)
  const { value } = asked
  return (
    <Drawer
      kind="Release"
      title={<bdi class="code">{reveal(brief(id, 120))}</bdi>}
      copy={value && (() => comparisonToMarkdown(value))}
      tools={
        <Link change={{ filters: withFilter(view.filters, 'release', id), drawers: [] }} class="button">
          Only this release
        </Link>
      }
    >
      {release && (
        <p class="quiet">
          First seen <time dateTime={release.first_seen}>{formatMoment(Date.parse(release.first_seen))}</time>
          {release.environment && ` in ${reveal(release.environment)}`}
          {release.rollback && ', and came back'}.
        </p>
      )}
      {against === null ? (
        <p class="nothing">There is no other release in this window to compare it with.</p>
      ) : (
        <>
          <label class="against">
            Compared with
            <select
              value={against}
              onChange={event => go({ drawers: comparing(view.drawers, event.currentTarget.value) })}
            >
              {choices.map(name => (
                <option key={name} value={name}>
                  {reveal(brief(name, 80))}
                </option>
              ))}
            </select>
          </label>
          <AskedView asked={asked} absent="This collector does not compare releases.">
            {comparison => <Compared comparison={comparison} />}
          </AskedView>
        </>
      )}
    </Drawer>
  )
}

/** The top drawer is a release's: with another one to compare it with. */
function comparing(drawers: readonly Subject[], against: string): Subject[] {
  return drawers.map((subject, depth) => (depth === drawers.length - 1 ? { ...subject, against } : subject))
}

function Compared({ comparison }: { comparison: Comparison }): JSX.Element {
  const sides = [comparison.a, comparison.b]
  return (
    <>
      <dl class="totals">
        {sides.map(({ release, requests, rate }, index) => (
          <div key={index}>
            <dt>
              <bdi class="code">{reveal(brief(release, 40))}</bdi>
            </dt>
            <dd>
              {formatRate(requests > 0 ? rate : null)} <small>of {formatCount(requests)} failed</small>
            </dd>
          </div>
        ))}
      </dl>
      {PARTS.map(([part, title]) => (
        <Section key={part} title={title} note={formatCount(comparison[part].length)}>
          {comparison[part].length > 0 && (
            <Table
              label={title}
              columns={COMPARED_COLUMNS}
              rows={comparison[part]}
              keyOf={({ id }) => id}
              toneOf={() => (part === 'new' || part === 'grown' ? 'row-bad' : undefined)}
            />
          )}
        </Section>
      ))}
    </>
  )
}
