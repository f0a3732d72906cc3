import type { JSX } from 'preact'
import type { Answer } from '../data/feed.js'
import type { PageList } from '../data/shapes.js'
import { withFilter } from '../data/view.js'
import { Link } from '../parts/link.js'
import { Answered, Nothing, Panel } from '../parts/panel.js'
import { usePlace } from '../place.js'
import { brief, reveal } from '../text/hostile.js'
import { tableToMarkdown } from '../text/markdown.js'
import { formatCount } from '../text/numbers.js'

/** A code's name in the language of the page. */
const COUNTRY = new Intl.DisplayNames('en', { type: 'region' })

interface Share {
  name: string
  count: number
  /** A page: one filters by it. */
  flow?: boolean
}

/** What a web analytics page shows. Bots are apart. */
export function Pages({ answer }: { answer: Answer<PageList> | undefined }): JSX.Element {
  const pages = answer?.value
  return (
    <Panel
      name="pages"
      title="Pages"
      note={
        pages?.items.length
          ? `${formatCount(pages.totals.visitors)} visitors, ${formatCount(pages.totals.pageviews)} page openings; ${formatCount(pages.totals.bots)} requests of bots apart`
          : undefined
      }
      busy={answer?.stale ?? true}
      copy={pages?.items.length ? () => toMarkdown(pages) : undefined}
    >
      <Answered answer={answer}>
        {pages =>
          pages.items.length + pages.bots.length === 0 ? (
            <Nothing>No page was opened in this window.</Nothing>
          ) : (
            <div class="shares">
              <Shares
                title="Top pages"
                shares={pages.items.map(({ page, pageviews }) => ({
                  name: page,
                  count: pageviews,
                  flow: true,
                }))}
              />
              <Shares
                title="Referrers"
                shares={pages.referrers.map(({ referrer, pageviews }) => ({
                  name: referrer || 'none',
                  count: pageviews,
                }))}
              />
              <Shares
                title="Browsers"
                shares={pages.browsers.map(({ browser, pageviews }) => ({
                  name: browser || 'unknown',
                  count: pageviews,
                }))}
              />
              {pages.countries.length > 0 && (
                <Shares
                  title="Countries"
                  shares={pages.countries.map(({ country, pageviews }) => ({
                    name: COUNTRY.of(country) ?? country,
                    count: pageviews,
                  }))}
                />
              )}
              {pages.sources.length > 0 && (
                <Shares
                  title="Campaigns"
                  shares={pages.sources.map(({ source, medium, campaign, pageviews }) => ({
                    name: [source, medium, campaign].filter(Boolean).join(' / '),
                    count: pageviews,
                  }))}
                />
              )}
              {pages.bots.length > 0 && (
                <Shares
                  title="Bots"
                  shares={pages.bots.map(({ name, requests }) => ({
                    name: name || 'unknown',
                    count: requests,
                  }))}
                />
              )}
            </div>
          )
        }
      </Answered>
    </Panel>
  )
}

/** How many of a share's rows are shown. */
const MOST = 8

function Shares({ title, shares }: { title: string; shares: readonly Share[] }): JSX.Element {
  const { view } = usePlace()
  const most = Math.max(1, ...shares.map(({ count }) => count))
  return (
    <section class="share">
      <h3>{title}</h3>
      <ol>
        {shares.slice(0, MOST).map(({ name, count, flow }) => {
          const shown = <bdi>{reveal(brief(name, 80))}</bdi>
          return (
            <li key={name}>
              <svg class="share-bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
                <rect width={(count / most) * 100} height="1" />
              </svg>
              {flow ? (
                <Link change={{ filters: withFilter(view.filters, 'flow', name) }} class="share-name">
                  {shown}
                </Link>
              ) : (
                <span class="share-name">{shown}</span>
              )}
              <span class="share-count">{formatCount(count)}</span>
            </li>
          )
        })}
      </ol>
      {shares.length === 0 && <p class="quiet">None.</p>}
    </section>
  )
}

function toMarkdown({ items }: PageList): string {
  return tableToMarkdown(
    'Pages',
    [
      { title: 'Page', text: ({ page }) => page },
      { title: 'Page openings', figure: true, text: ({ pageviews }) => formatCount(pageviews) },
      { title: 'Visitors', figure: true, text: ({ visitors }) => formatCount(visitors) },
      { title: 'Failed', figure: true, text: ({ failures }) => formatCount(failures) },
    ],
    items,
  )
}
