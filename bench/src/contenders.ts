export interface Contender {
  /** Also the folder and file under `contenders/`, and the first segment of its paths at the sink. */
  readonly name: string
  /** As it stands in the table. */
  readonly label: string
  /** What it is measured over: the same framework with nothing in it. */
  readonly bare: string
  /** The lower bound on the same framework. */
  readonly lower: string
  /** Finds the reported requests in what it sends; the first group, if any, is an id that counts once. */
  readonly reported?: RegExp
  /** What a user installs beside the framework. */
  readonly packages?: readonly string[]
}

const EVENT_ID = /"event_id":"([^"]+)"/g

function onFramework(framework: string, label: string): readonly Contender[] {
  const bare = `${framework}/bare`
  const lower = `${framework}/lower-bound`
  return [
    { name: bare, label: `${label} bare`, bare, lower },
    {
      name: lower,
      label: `lower bound on ${label}`,
      bare,
      lower,
      reported: EVENT_ID,
      packages: ['undici'],
    },
    {
      name: `${framework}/ours`,
      label: `JustAnalytics on ${label}`,
      bare,
      lower,
      reported: EVENT_ID,
      packages: ['@justanalytics/core', `@justanalytics/${framework}`],
    },
  ]
}

const OPENTELEMETRY = [
  '@opentelemetry/api',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/instrumentation',
  '@opentelemetry/instrumentation-http',
  '@opentelemetry/sdk-trace-node',
]

/** All of them on Fastify, each with its own defaults. */
const PEERS: readonly Omit<Contender, 'bare' | 'lower'>[] = [
  { name: 'fastify/sentry-errors', label: '@sentry/node, errors only', packages: ['@sentry/node'] },
  {
    name: 'fastify/sentry-tracing',
    label: '@sentry/node, tracing',
    reported: /"is_segment":true/g,
    packages: ['@sentry/node'],
  },
  {
    name: 'fastify/posthog',
    label: 'posthog-node',
    reported: /"uuid":"([^"]+)"/g,
    packages: ['posthog-node'],
  },
  {
    name: 'fastify/apitally',
    label: 'apitally, counters only',
    packages: ['apitally', 'fastify-plugin'],
  },
  {
    name: 'fastify/apitally-log',
    label: 'apitally, request log',
    reported: /"uuid":"([^"]+)"/g,
    packages: ['apitally', 'fastify-plugin'],
  },
  {
    name: 'fastify/opentelemetry',
    label: 'OpenTelemetry http',
    reported: /"kind":2/g,
    packages: OPENTELEMETRY,
  },
  {
    name: 'fastify/opentelemetry-fastify',
    label: 'OpenTelemetry http, @fastify/otel',
    reported: /"kind":2/g,
    packages: [...OPENTELEMETRY, '@fastify/otel'],
  },
  { name: 'fastify/origin-awaited', label: "the origin's design, awaited", reported: EVENT_ID },
  { name: 'fastify/origin', label: "the origin's design, not awaited", reported: EVENT_ID },
]

export const CONTENDERS: readonly Contender[] = [
  ...onFramework('fastify', 'Fastify'),
  ...onFramework('koa', 'Koa'),
  ...onFramework('hono', 'Hono'),
  ...onFramework('express', 'Express'),
  ...PEERS.map(peer => ({ ...peer, bare: 'fastify/bare', lower: 'fastify/lower-bound' })),
]

/**
 * Those whose names begin with one of `only`, with what they are measured over; all without `only`.
 * @throws {Error} where a name fits none
 */
export function choose(only: readonly string[]): readonly Contender[] {
  if (only.length === 0) return CONTENDERS
  const names = new Set<string>()
  for (const wanted of only) {
    const found = CONTENDERS.filter(({ name }) => name.startsWith(wanted))
    if (found.length === 0) throw new Error(`There is no contender ${wanted}.`)
    for (const { name, bare, lower } of found) names.add(name).add(bare).add(lower)
  }
  return CONTENDERS.filter(({ name }) => names.has(name))
}
