import { Refusal } from '../errors.js'
import { ACTS, type ActName, type Decision, type GroupState, membersOf, OPEN, wholeOf } from './state.js'

/** What is to be done with a group. */
export type Order =
  | { act: 'resolve' | 'reopen' | 'undo' }
  /** By flow, or else what was merged comes apart. */
  | { act: 'split'; byFlow: boolean }
  /** Milliseconds since the epoch; 0: without an end. */
  | { act: 'mute'; until: number }
  | { act: 'merge'; into: string }

/** A group's new state. */
export interface Change {
  group: string
  state: GroupState
}

/** As answers show what was decided. */
export interface Act {
  id: string
  /** ISO 8601. */
  at: string
  act: ActName
  /** Whose state it changed. */
  groups: string[]
  /** What they were merged into; `null` for another act. */
  target: string | null
  /** When a mute ends, ISO 8601; `null` for one without an end, and for another act. */
  until: string | null
  undone: boolean
}

type States = ReadonlyMap<string, GroupState>

/**
 * What an order changes.
 * @param decisions the site's, the newest first
 * @throws {Refusal} 409 where there is nothing to do
 */
export function decide(
  order: Order,
  group: string,
  states: States,
  decisions: readonly Decision[],
  now: number,
): Change[] {
  const state = states.get(group) ?? OPEN
  const set = (change: Partial<GroupState>): Change[] => [
    { group, state: { ...OPEN, target: state.target, isSplit: state.isSplit, ...change } },
  ]
  switch (order.act) {
    case 'resolve':
      return set({ status: 'resolved', resolvedAt: now })
    case 'mute':
      if (isMuted(state, now) && state.mutedUntil === order.until)
        throw new Refusal(409, 'The group is muted so already.')
      return set({ status: 'muted', mutedUntil: order.until })
    case 'reopen':
      if (state.status !== 'resolved' && !isMuted(state, now)) throw new Refusal(409, 'The group is open.')
      return set({})
    case 'merge':
      return merge(group, order.into, states)
    case 'split':
      return order.byFlow ? splitByFlow(group, state) : takeApart(group, states)
    case 'undo':
      return undo(group, decisions)
  }
}

function isMuted({ status, mutedUntil }: GroupState, now: number): boolean {
  return status === 'muted' && (mutedUntil === 0 || mutedUntil > now)
}

function withTarget(group: string, states: States, target: string): Change {
  return { group, state: { ...(states.get(group) ?? OPEN), target } }
}

/** Merging is flat: what was merged into the group goes along, and a target is never merged itself. */
function merge(group: string, into: string, states: States): Change[] {
  if (wholeOf(group) !== group || wholeOf(into) !== into)
    throw new Refusal(409, 'A piece of a group that was split cannot be merged: undo the split.')
  const target = states.get(into)?.target || into
  if (target === group) throw new Refusal(409, 'The group cannot be merged into itself.')
  return membersOf(states, group).map(member => withTarget(member, states, target))
}

/** A merged group comes out again; of a group that others were merged into, all of them do. */
function takeApart(group: string, states: States): Change[] {
  if (states.get(group)?.target) return [withTarget(group, states, '')]
  const merged = membersOf(states, group).slice(1)
  if (merged.length === 0) throw new Refusal(409, 'Nothing was merged into this group.')
  return merged.map(member => withTarget(member, states, ''))
}

/** Too coarse a group becomes one a flow; each of them is acted on for itself. */
function splitByFlow(group: string, state: GroupState): Change[] {
  if (state.isSplit || wholeOf(group) !== group) throw new Refusal(409, 'This group is split already.')
  return [{ group, state: { ...OPEN, isSplit: true } }]
}

/** The state of each decision's group before it. */
function statesBefore(decisions: readonly Decision[]): GroupState[] {
  const states = new Map<string, GroupState>()
  return decisions
    .toReversed()
    .map(each => {
      const before = states.get(each.group) ?? OPEN
      states.set(each.group, each)
      return before
    })
    .reverse()
}

/** The acts that changed a group, or what was merged into it, and those that took these back. */
export function partOf(decisions: readonly Decision[], group: string): Decision[] {
  const before = statesBefore(decisions)
  const whole = wholeOf(group)
  const isSplitOfWhole = (each: Decision, at: number) =>
    each.group === whole && each.isSplit !== (before[at]?.isSplit ?? false)
  const acts = new Set(
    decisions
      .filter(
        (each, at) =>
          [each.group, each.target, before[at]?.target].includes(group) || isSplitOfWhole(each, at),
      )
      .map(({ actId }) => actId),
  )
  return decisions.filter(({ actId, undoes }) => acts.has(actId) || acts.has(undoes))
}

function takenBack(decisions: readonly Decision[]): Set<string> {
  return new Set(decisions.map(({ undoes }) => undoes))
}

/** The act that an `undo` takes back: the newest that no other took back. */
export function undoable(decisions: readonly Decision[], group: string): string | undefined {
  const taken = takenBack(decisions)
  return partOf(decisions, group).find(({ act, actId }) => act !== 'undo' && !taken.has(actId))?.actId
}

/** Back to the state before the act, for each group about which nothing else was decided since. */
function undo(undone: string, decisions: readonly Decision[]): Change[] {
  const act = undoable(decisions, undone)
  if (act === undefined) throw new Refusal(409, 'There is no act on this group to undo.')
  const taken = takenBack(decisions)
  const before = statesBefore(decisions)
  return decisions.flatMap(({ actId, group }, at) => {
    if (actId !== act) return []
    const since = decisions.slice(0, at).filter(each => each.group === group)
    if (since.some(each => each.act !== 'undo' && !taken.has(each.actId))) return []
    return [{ group, state: before[at] ?? OPEN }]
  })
}

/** What was decided, the newest first. */
export function listActs(decisions: readonly Decision[]): Act[] {
  const taken = takenBack(decisions)
  const acts = new Map<string, Act>()
  for (const each of decisions) {
    const act = acts.get(each.actId)
    if (act) act.groups.push(each.group)
    else
      acts.set(each.actId, {
        id: each.actId,
        at: new Date(each.at).toISOString(),
        act: each.act,
        groups: [each.group],
        target: each.act === 'merge' ? each.target : null,
        until: each.act === 'mute' && each.mutedUntil > 0 ? new Date(each.mutedUntil).toISOString() : null,
        undone: taken.has(each.actId),
      })
  }
  return [...acts.values()]
}

/**
 * @param now no group is muted until a moment that is over
 * @throws {Refusal} 400
 */
export function readOrder(
  input: unknown,
  readMoment: (name: string, text: string) => number,
  now: number,
): Order {
  const body = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>
  const act = ACTS.find(each => each === body.act)
  if (act === undefined) throw new Refusal(400, `Expected \`act\` to be one of ${ACTS.join(', ')}.`)
  if (act === 'merge') {
    if (typeof body.into !== 'string' || !/^[\w-]{1,100}$/.test(body.into))
      throw new Refusal(400, 'Expected `into` to be the id of a group.')
    return { act, into: body.into }
  }
  if (act === 'mute') {
    if (body.until === undefined || body.until === null) return { act, until: 0 }
    if (typeof body.until !== 'string') throw new Refusal(400, 'Expected `until` to be a moment in ISO 8601.')
    const until = readMoment('until', body.until)
    if (until <= now)
      throw new Refusal(
        400,
        `Expected \`until\` to be a moment to come, got ${new Date(until).toISOString()}: it is ${new Date(now).toISOString()}.`,
      )
    return { act, until }
  }
  if (act === 'split') {
    if (body.by !== undefined && body.by !== 'flow') throw new Refusal(400, 'Expected `by` to be flow.')
    return { act, byFlow: body.by === 'flow' }
  }
  return { act }
}
