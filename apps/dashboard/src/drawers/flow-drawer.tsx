import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { listReader } from '../data/answers.js'
import { address } from '../data/client.js'
import type { Flow, Group, Listed, ListedRequest, UserList } from '../data/shapes.js'
import { withFilter } from '../data/view.js'
import { errorColumns } from '../panels/errors.js'
import { userColumns } from '../panels/who.js'
import { AskedView } from '../parts/asked.js'
import { Badge } from '../parts/badge.js'
import { Facts } from '../parts/facts.js'
import { Link, Open } from '../parts/link.js'
import { Table } from '../parts/table.js'
import { currentWindow, usePlace } from '../place.js'
import { brief, reveal } from '../text/hostile.js'
import { tableToMarkdown } from '../text/markdown.js'
import { formatCount } from '../text/numbers.js'
import { formatAgo } from '../text/time.js'
import { type Asked, useAnswer } from '../use-answer.js'
import { factsOfFlow } from './columns.js'
import { Drawer, Section } from './drawer.js'
import { flowToMarkdown } from './markdown.js'

const readFlows = listReader<Listed<Flow>>()
const readGroups = listReader<Listed<Group>>()
const readUsers = listReader<UserList>()
const readRequests = listReader<Listed<ListedRequest>>()

/** One flow: how it fares, with what errors, for whom, and which of its requests failed. */
export function FlowDrawer({ id }: { id: string }): JSX.Element {
  const { view, now } = usePlace()
  const [flowsAt, groupsAt, usersAt, requestsAt] = useMemo(() => {
    const filters = { ...view.filters, flow: id }
    const window = currentWindow(view)
    return [
      address('flows', filters, window),
      address('groups', filters, window, { limit: '20' }),
      address('users', filters, window, { affected: 'true', limit: '20' }),
      address('requests', filters, window, { failed: 'true', limit: '8' }),
    ]
  }, [id, JSON.stringify(view.filters), view.from, view.to, view.range])
  const flows = useAnswer(flowsAt, readFlows)
  const groups = useAnswer(groupsAt, readGroups)
  const users = useAnswer(usersAt, readUsers)
  const requests = useAnswer(requestsAt, readRequests)
  const flow = flows.value?.items.find(each => each.flow === id)
  const copy = () =>
    [
      flowToMarkdown(id, flow),
      tableToMarkdown('Errors', errorColumns(now), groups.value?.items ?? []),
      tableToMarkdown('Who', userColumns(now), users.value?.items ?? []),
    ].join('\n\n')
  return (
    <Drawer
      kind="Flow"
      title={
        <>
          <bdi class="code">{reveal(brief(id, 160))}</bdi>{' '}
          {flow?.broken && !flow.recovered_at && <Badge tone="bad">BROKEN</Badge>}
        </>
      }
      copy={flows.value && copy}
      tools={
        <Link change={{ filters: withFilter(view.filters, 'flow', id), drawers: [] }} class="button">
          Only this flow
        </Link>
      }
    >
      {flow && (
        <Section title="In this window">
          <Facts facts={factsOfFlow(flow)} />
        </Section>
      )}
      <Section title="Failed requests" note="the newest first">
        <AskedView asked={requests} absent="This collector does not list requests.">
          {({ items }) =>
            items.length === 0 ? <p class="quiet">None.</p> : <Requests requests={items} now={now} />
          }
        </AskedView>
      </Section>
      <Rows asked={groups} title="Errors">
        {items => <Table label="Errors" columns={errorColumns(now)} rows={items} keyOf={({ id }) => id} />}
      </Rows>
      <Rows asked={users} title="Who">
        {items => <Table label="Who" columns={userColumns(now)} rows={items} keyOf={({ id }) => id} />}
      </Rows>
      {flow && flow.calls.length + flow.jobs.length > 0 && <Downstream flow={flow} />}
    </Drawer>
  )
}

interface RowsProps<T> {
  asked: Asked<Listed<T>>
  title: string
  children(items: T[]): JSX.Element
}

function Rows<T>({ asked, title, children }: RowsProps<T>): JSX.Element {
  return (
    <Section title={title}>
      <AskedView asked={asked} absent="This collector does not answer that question.">
        {({ items }) => (items.length === 0 ? <p class="quiet">None.</p> : children(items))}
      </AskedView>
    </Section>
  )
}

function Requests({ requests, now }: { requests: readonly ListedRequest[]; now: number }): JSX.Element {
  return (
    <ol class="steps">
      {requests.map(({ id, event_id, timestamp, path, status_code, exception, user_id, visitor_id }) => {
        const shown = <bdi class="code">{reveal(brief(path ?? id ?? 'unknown', 120))}</bdi>
        return (
          <li key={event_id} class="step step-failed">
            <time dateTime={timestamp}>{formatAgo(Date.parse(timestamp), now)}</time>
            <span class="step-what">
              {id ? <Open subject={{ kind: 'request', id }}>{shown}</Open> : shown}
              {exception && (
                <small class="under">
                  <bdi>{reveal(brief(exception.title, 120))}</bdi>
                </small>
              )}
            </span>
            <span class="step-end">
              {status_code ?? 'aborted'} <small>{reveal(brief(user_id ?? visitor_id ?? '', 30))}</small>
            </span>
          </li>
        )
      })}
    </ol>
  )
}

function Downstream({ flow }: { flow: Flow }): JSX.Element {
  return (
    <Section title="What it leads to">
      <ul class="steps">
        {flow.calls.map(({ flow, requests }) => (
          <li key={flow} class="step">
            <span class="step-kind">Calls</span>
            <span class="step-what">
              <Open subject={{ kind: 'flow', id: flow }}>
                <bdi class="code">{reveal(brief(flow, 120))}</bdi>
              </Open>
            </span>
            <span class="step-end">{formatCount(requests)}</span>
          </li>
        ))}
        {flow.jobs.map(({ job, queue, attempts, failures }) => (
          <li key={`${queue} ${job}`} class={failures > 0 ? 'step step-failed' : 'step'}>
            <span class="step-kind">Job</span>
            <span class="step-what">
              <bdi class="code">{reveal(brief(job, 120))}</bdi>
            </span>
            <span class="step-end">
              {formatCount(failures)} of {formatCount(attempts)} failed
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}
