import type { HttpBindings } from '@hono/node-server'
import { newId } from '@justanalytics/core/event'
import type { Handler } from 'hono'
import { Refusal } from '../errors.js'
import type { Budget } from '../ingest/budget.js'
import { type NodeContext, withJson } from '../ingest/endpoint.js'
import { readMoment } from '../query/parameters.js'
import { IS_FAULT, unknown } from '../query/stored.js'
import { moment } from '../store/schema.js'
import type { Store } from '../store/store.js'
import { type Act, decide, listActs, readOrder, undoable } from './acts.js'
import {
  type Decision,
  GROUP_OF,
  type GroupState,
  IN_GROUP,
  OPEN,
  readDecisions,
  readStates,
} from './state.js'

/**
 * Refuses what another web site has a browser send: a form's content types, and another origin.
 * @throws {Refusal} 403, 415
 */
function refuseOtherSites(c: NodeContext): void {
  if (!/^application\/json\s*(;|$)/i.test(c.req.header('content-type')?.trim() ?? ''))
    throw new Refusal(415, 'Expected `Content-Type: application/json`.')
  const from = c.req.header('sec-fetch-site')
  const origin = c.req.header('origin')
  const isOurs =
    from === undefined ? origin === undefined || isHost(origin, c) : from === 'same-origin' || from === 'none'
  if (!isOurs) throw new Refusal(403, 'Acts are taken from the page itself, not from another site.')
}

function isHost(origin: string, c: NodeContext): boolean {
  const host = URL.canParse(origin) ? new URL(origin).host : ''
  return host !== '' && [c.req.header('host'), c.req.header('x-forwarded-host')].includes(host)
}

/** The site that both groups are of; a group is known by its errors, or by what was decided about it. */
async function siteOf(store: Store, id: string): Promise<string> {
  const [row] = await store.query<{ site: string }>(
    `SELECT site FROM events
     WHERE ${IS_FAULT} AND (group_id = {id:String} OR ${GROUP_OF} = {id:String}) LIMIT 1
     UNION ALL SELECT site FROM acts WHERE group_id = {id:String} LIMIT 1`,
    { id },
  )
  if (!row) throw unknown('group', id)
  return row.site
}

/**
 * Refuses what would only hide the act before it: to settle what nothing has hit since it was settled.
 * @throws {Refusal} 409
 */
async function refuseSettled(store: Store, group: string, { status, resolvedAt }: GroupState): Promise<void> {
  if (status !== 'resolved') return
  const hits = await store.query(
    `SELECT 1 FROM events WHERE ${IS_FAULT} AND received_at > {at:DateTime64(3, 'UTC')} AND (${IN_GROUP}) LIMIT 1`,
    { group, at: moment(resolvedAt) },
  )
  if (hits.length === 0) throw new Refusal(409, 'The group is resolved, and was not hit since.')
}

/** `POST /api/v1/groups/:id`: what people decide about an error group. It answers with the act. */
export function actOnGroup(store: Store, budget: Budget): Handler<{ Bindings: HttpBindings }> {
  return async function act(c) {
    refuseOtherSites(c)
    const asked = c.req.param('id') ?? ''
    return withJson(c, budget.open('page'), async input => {
      const order = readOrder(input, readMoment, Date.now())
      const site = await siteOf(store, asked)
      if (order.act === 'merge' && (await siteOf(store, order.into)) !== site)
        throw new Refusal(409, 'The groups are of two sites.')
      const states = await readStates(store)
      const isOfMember = order.act === 'split' || order.act === 'undo'
      const group = (isOfMember ? '' : states.get(asked)?.target) || asked
      if (order.act === 'resolve') await refuseSettled(store, group, states.get(group) ?? OPEN)
      const before = await readDecisions(store, site)
      const at = Date.now()
      const decided = { site, act: order.act, actId: newId(at), at }
      const undoes = order.act === 'undo' ? (undoable(before, group) ?? '') : ''
      const decisions = decide(order, group, states, before, at).map(({ group, state }) => ({
        ...state,
        ...decided,
        group,
        undoes,
      }))
      await write(store, decisions)
      const [shown] = listActs(decisions) as [Act]
      return c.json({ group: decisions.find(each => each.group === group)?.target || group, act: shown })
    })
  }
}

async function write(store: Store, decisions: readonly Decision[]): Promise<void> {
  const lines = decisions.map(each =>
    JSON.stringify({
      site: each.site,
      at: moment(each.at),
      act_id: each.actId,
      act: each.act,
      undoes: each.undoes,
      group_id: each.group,
      status: each.status,
      resolved_at: moment(each.resolvedAt),
      muted_until: moment(each.mutedUntil),
      target: each.target,
      pieces: each.isSplit ? 1 : 0,
    }),
  )
  await store.insert('acts', lines).catch(error => {
    throw new Refusal(503, 'The store did not take the act.', { 'Retry-After': '5' }, { cause: error })
  })
}
