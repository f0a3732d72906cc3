import type { Telemetry } from './telemetry.js'

/** A flow producer of BullMQ 5 or 6. */
export interface FlowProducerLike {
  readonly opts: { telemetry?: unknown }
  add(flow: never, ...rest: never[]): unknown
  addBulk(flows: never, ...rest: never[]): unknown
}

interface Flow {
  readonly opts?: object
  readonly children?: readonly Flow[]
}

interface Producer {
  telemetry: Telemetry
  add(flow: Flow, ...rest: unknown[]): unknown
  addBulk(flows: readonly Flow[], ...rest: unknown[]): unknown
}

/**
 * A flow producer keeps its telemetry apart from its options, and hands it on only to nodes that have `opts`, be
 * they empty: so each is given some on its way in. There is no other place to do it in.
 */
export function fillFlows(flows: FlowProducerLike, telemetry: Telemetry): void {
  const producer = flows as unknown as Producer
  const { add, addBulk } = producer
  producer.telemetry = telemetry
  producer.add = (flow, ...rest) => add.call(producer, withOpts(flow), ...rest)
  producer.addBulk = (flows, ...rest) => addBulk.call(producer, each(flows), ...rest)
}

function withOpts(flow: Flow): Flow {
  if (typeof flow !== 'object' || flow === null) return flow
  return { ...flow, opts: flow.opts ?? {}, ...(flow.children && { children: each(flow.children) }) }
}

/** What is no flow is for BullMQ to complain of. */
function each(flows: readonly Flow[]): readonly Flow[] {
  return Array.isArray(flows) ? flows.map(withOpts) : flows
}
