import type { Store } from '../store/store.js'

export const ACTS = ['resolve', 'mute', 'reopen', 'merge', 'split', 'undo'] as const
export type ActName = (typeof ACTS)[number]

export type Status = 'open' | 'resolved' | 'muted'

/** What people decided about a group. */
export interface GroupState {
  status: Status
  /** Milliseconds since the epoch; 0: not resolved. */
  resolvedAt: number
  /** Milliseconds since the epoch; 0: not muted, or without an end. */
  mutedUntil: number
  /** The group it was merged into; '': none. */
  target: string
  /** It was split: its errors are in one group a flow. */
  isSplit: boolean
}

export const OPEN: Readonly<GroupState> = {
  status: 'open',
  resolvedAt: 0,
  mutedUntil: 0,
  target: '',
  isSplit: false,
}

/** A group's state after an act: a row of `acts`. */
export interface Decision extends GroupState {
  site: string
  group: string
  act: ActName
  actId: string
  /** The act that this one takes back; ''. */
  undoes: string
  /** Milliseconds since the epoch. */
  at: number
}

interface ActRow {
  site: string
  at_ms: number
  act_id: string
  act: ActName
  undoes: string
  group_id: string
  status: Status
  resolved_at_ms: number
  muted_until_ms: number
  target: string
  pieces: number
}

/** People decide little: an answer reads all of it. */
const MOST = 100_000

function milliseconds(column: string): string {
  return `toUnixTimestamp64Milli(acts.${column}) AS ${column}_ms`
}

async function readRows(store: Store, end: string, site = ''): Promise<Decision[]> {
  const rows = await store.query<ActRow>(
    `SELECT site, act_id, act, undoes, group_id, status, target, pieces,
       ${milliseconds('at')}, ${milliseconds('resolved_at')}, ${milliseconds('muted_until')}
     FROM acts ${end}`,
    { site },
  )
  return rows.map(row => ({
    site: row.site,
    group: row.group_id,
    act: row.act,
    actId: row.act_id,
    undoes: row.undoes,
    at: Number(row.at_ms),
    status: row.status,
    resolvedAt: Number(row.resolved_at_ms),
    mutedUntil: Number(row.muted_until_ms),
    target: row.target,
    isSplit: row.pieces === 1,
  }))
}

/** Everything that was decided about a site's groups, the newest first. */
export function readDecisions(store: Store, site: string): Promise<Decision[]> {
  return readRows(store, `WHERE site = {site:String} ORDER BY at DESC, act_id DESC LIMIT ${MOST}`, site)
}

/** The state of every group about which something was decided; the others are {@link OPEN}. */
export async function readStates(store: Store): Promise<ReadonlyMap<string, GroupState>> {
  const rows = await readRows(store, `ORDER BY at DESC, act_id DESC LIMIT 1 BY group_id LIMIT ${MOST}`)
  return new Map(rows.map(row => [row.group, row]))
}

/** The group itself and those merged into it. */
export function membersOf(states: ReadonlyMap<string, GroupState>, group: string): string[] {
  const merged = [...states].filter(([, { target }]) => target === group).map(([id]) => id)
  return [group, ...merged]
}

/** Where an error happened: `METHOD route`, or a job's name; '' where it is not known. */
export const FLOW = "if(route != '', trimLeft(concat(method, ' ', route)), task_name)"

/** Between the id of a group that was split and its piece's. */
const PIECE = '-'

/** The group that was split, for the id of a piece of it; else the id itself. */
export function wholeOf(id: string): string {
  return id.split(PIECE, 1)[0] ?? id
}

/** Of the groups about which something was decided: the ids, what each became, and whether that was split. */
const DECIDED = `
  SELECT (ids, targets, arrayMap(id -> has(split, id), targets))
  FROM (
    SELECT groupArray(group_id) AS ids, groupArray(if(state.1 = '', group_id, state.1)) AS targets,
      groupArrayIf(group_id, state.2 = 1) AS split
    FROM (SELECT group_id, argMax((target, pieces), (at, act_id)) AS state FROM acts GROUP BY group_id)
  )`

/** An expression of `decided`, whose question is asked once a query. */
function withDecided(expression: string): string {
  return `arrayMap(decided -> ${expression}, [(${DECIDED})])[1]`
}

function merged(id: string): string {
  return `if(has(decided.1, ${id}), decided.2[indexOf(decided.1, ${id})], ${id})`
}

const WHOLE = merged('toString(group_id)')
const IS_SPLIT = 'decided.3[indexOf(decided.1, toString(group_id))]'
const OWN = `concat(${WHOLE}, if(${IS_SPLIT}, concat('${PIECE}', lower(hex(sipHash64(${FLOW})))), ''))`
const ASKED = merged('{group:String}')

/** The group that a row of `events` belongs to, merges and splits counted in. */
export const GROUP_OF: string = withDecided(OWN)

/** A row of `events` belongs to the group that the parameter `group` names, or that it was merged into. */
export const IN_GROUP: string = withDecided(`${OWN} = ${ASKED} OR ${WHOLE} = ${ASKED}`)
