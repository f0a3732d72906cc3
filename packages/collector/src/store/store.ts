/** One event as a row of the `events` table. */
export interface Row {
  site: string
  event_id: string
  [column: string]: string | number
}

export type Table = 'events' | 'marks' | 'acts' | 'maps' | 'notices'

/** A value the store binds to a `{name:Type}` placeholder. It never becomes SQL. */
export type Parameter = string | number | readonly string[]

/**
 * What the collector asks of a store. Both drivers speak the same SQL over the same tables
 * (schema.ts); they differ in where it runs.
 */
export interface Store {
  readonly name: 'embedded' | 'clickhouse'
  /** Which of these events are stored already, as {@link identity} strings. */
  existing(rows: readonly Row[]): Promise<Set<string>>
  /** Resolves when the rows are durable. `lines` are JSON texts, one a row. */
  insert(table: Table, lines: readonly string[]): Promise<void>
  query<T>(sql: string, parameters?: Readonly<Record<string, Parameter>>): Promise<T[]>
  /** Waits for what is under way. Idempotent. */
  close(): Promise<void>
}

/** What makes an event one and the same: its id within its site. */
export function identity(row: Pick<Row, 'site' | 'event_id'>): string {
  return `${row.site}\n${row.event_id}`
}
