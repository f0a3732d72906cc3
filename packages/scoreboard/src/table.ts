import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import type { Case, Judgement } from './cases.js'
import { CLIENTS, type ClientName } from './clients/client.js'

const PACKAGES: Readonly<Record<Exclude<ClientName, 'ours'>, string>> = {
  sentry: '@sentry/node',
  posthog: 'posthog-node',
  segment: '@segment/analytics-node',
  otel: '@opentelemetry/exporter-trace-otlp-http',
}

function nameOf(client: ClientName): string {
  if (client === 'ours') return 'JustAnalytics'
  const file = join(import.meta.dirname, '../node_modules', PACKAGES[client], 'package.json')
  const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name: string; version: string }
  return `${name} ${version}`
}

export type Row = Readonly<Partial<Record<ClientName, Judgement>>>

/** Markdown, a line a case and a column a client. */
export function table(rows: ReadonlyMap<Case, Row>): string {
  const clients = CLIENTS.filter(client => [...rows.values()].some(row => row[client]))
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const kept = (client: ClientName) => [...rows.values()].filter(row => row[client]?.kept).length
  return [
    line(['fault', 'promise', ...clients.map(nameOf)]),
    line(['---', '---', ...clients.map(() => '---')]),
    ...[...rows].map(([{ name, promise }, row]) =>
      line([name, promise, ...clients.map(client => cell(row[client]))]),
    ),
    line(['**kept**', '', ...clients.map(client => `**${kept(client)} of ${rows.size}**`)]),
  ].join('\n')
}

function cell(judgement: Judgement | undefined): string {
  if (!judgement) return ''
  return `${judgement.kept ? '✓' : '✗'} ${judgement.text}`
}

/** What the figures were measured on. */
export function machine(): string {
  const { length } = cpus()
  return `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${length} cores, ${new Date().toISOString().slice(0, 10)}`
}
