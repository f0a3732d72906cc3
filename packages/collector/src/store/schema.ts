/**
 * The tables, in the dialect that the embedded engine and a ClickHouse server share.
 *
 * A day's partition is the day of receipt, so that no client's clock can scatter a batch over
 * many partitions and retention drops whole days. Within it the order (site, event, timestamp)
 * lets a question read only its events and its window. Ids are made in time order (UUID version 7),
 * so a minimum and a maximum a granule are index enough to find one.
 *
 * Unknown texts are '', unknown numbers 0: an event as it was sent is in `raw`.
 */
/** What rates are made of, ready added up: the usual of a week is read from it, not from a week's rows. */
const SLOTS = `slots (
    SELECT site, event, toStartOfFiveMinutes(timestamp) AS slot, environment, release, method, route, task_name, queue,
      count(), sum(final), sum(weight), sumIf(weight, (status >= 500 OR outcome = 'stream_error')),
      sumIf(weight, status BETWEEN 400 AND 499 AND NOT (status >= 500 OR outcome = 'stream_error'))
    GROUP BY site, event, slot, environment, release, method, route, task_name, queue
  )`

/**
 * Ends a statement that a projection answers. To look whether there is one takes the embedded engine up to 5 ms, so it
 * does for no other.
 */
export const BY_PROJECTION = 'SETTINGS optimize_use_projections = 1'

/** Who it was, and the visitor, as numbers: people are counted by them, and texts read for those that are shown alone. */
const NUMBERS = [
  "who UInt64 MATERIALIZED cityHash64(user_id != '', if(user_id != '', user_id, visitor_id))",
  'visitor UInt64 MATERIALIZED cityHash64(visitor_id)',
]

/**
 * An hour after a day is over it becomes one part: each part of the table costs every question that looks at its day,
 * and the engine would leave it in some ten of them.
 */
export const MERGING = 'min_age_to_force_merge_seconds = 3600, min_age_to_force_merge_on_partition_only = 1'

const EVENTS = `
CREATE TABLE IF NOT EXISTS events (
  site LowCardinality(String),
  event LowCardinality(String),
  timestamp DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  event_id String CODEC(ZSTD(1)),
  release LowCardinality(String),
  environment LowCardinality(String),
  service LowCardinality(String),
  host LowCardinality(String),
  route LowCardinality(String),
  path String CODEC(ZSTD(1)),
  method LowCardinality(String),
  status UInt16,
  outcome LowCardinality(String),
  duration Float64 CODEC(ZSTD(1)),
  weight Float64 CODEC(ZSTD(1)),
  navigation UInt8,
  referrer String CODEC(ZSTD(1)),
  user_agent String CODEC(ZSTD(1)),
  utm_source LowCardinality(String),
  utm_medium LowCardinality(String),
  utm_campaign LowCardinality(String),
  user_id String CODEC(ZSTD(1)),
  visitor_id String CODEC(ZSTD(1)),
  request_id String CODEC(ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  exception_type LowCardinality(String),
  exception_message String CODEC(ZSTD(1)),
  mechanism LowCardinality(String),
  borrowed_status UInt8,
  task_name LowCardinality(String),
  task_id String CODEC(ZSTD(1)),
  queue LowCardinality(String),
  attempt UInt32,
  wait Float64 CODEC(ZSTD(1)),
  final UInt8,
  group_id LowCardinality(String),
  title LowCardinality(String),
  culprit LowCardinality(String),
  why String CODEC(ZSTD(3)),
  frames String CODEC(ZSTD(3)),
  repeated UInt32,
  bot UInt8,
  browser LowCardinality(String),
  country LowCardinality(String),
  raw String CODEC(ZSTD(3)),
  ${NUMBERS.join(',\n  ')},
  INDEX event_ids event_id TYPE minmax GRANULARITY 1,
  INDEX request_ids request_id TYPE minmax GRANULARITY 1,
  PROJECTION releases (
    SELECT site, environment, release, toStartOfMinute(timestamp) AS minute, min(timestamp), max(timestamp)
    GROUP BY site, environment, release, minute
  ),
  PROJECTION ${SLOTS}
)
ENGINE = MergeTree
PARTITION BY toDate(received_at)
ORDER BY (site, event, timestamp)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60,
  ttl_only_drop_parts = 1, merge_with_ttl_timeout = 3600, ${MERGING}`

/** Deploys that a pipeline announced. */
const MARKS = `
CREATE TABLE IF NOT EXISTS marks (
  site LowCardinality(String),
  environment LowCardinality(String),
  release String,
  at DateTime64(3, 'UTC'),
  received_at DateTime64(3, 'UTC'),
  commits String CODEC(ZSTD(3))
)
ENGINE = MergeTree
ORDER BY (site, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60`

/**
 * What people decided about error groups. Each row holds a group's whole state after an act, so the
 * newest row of a group is its state, and undoing an act is writing the state before it.
 */
const ACTS = `
CREATE TABLE IF NOT EXISTS acts (
  site LowCardinality(String),
  at DateTime64(3, 'UTC'),
  act_id String,
  act LowCardinality(String),
  undoes String,
  group_id String,
  status LowCardinality(String),
  resolved_at DateTime64(3, 'UTC'),
  muted_until DateTime64(3, 'UTC'),
  target String,
  pieces UInt8
)
ENGINE = MergeTree
ORDER BY (site, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60`

/** Uploaded source maps; the newest of a name counts. They outlive events: a release may serve for long. */
const MAPS = `
CREATE TABLE IF NOT EXISTS maps (
  site LowCardinality(String),
  release String,
  file String,
  debug_id String,
  received_at DateTime64(3, 'UTC'),
  sources Array(String) CODEC(ZSTD(3)),
  bytes UInt32,
  map String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree(received_at)
ORDER BY (site, debug_id, release, file)
TTL toDateTime(received_at) + toIntervalDay(365)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60, index_granularity = 1`

/** What webhooks told, and which of several collectors took it on itself (webhooks/claims.ts). */
const NOTICES = `
CREATE TABLE IF NOT EXISTS notices (
  site LowCardinality(String),
  subject String,
  kind LowCardinality(String),
  incident String,
  claim String,
  at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (site, subject, at)
TTL toDateTime(at) + toIntervalDay(90)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 60`

export const TABLES: readonly string[] = [EVENTS, MARKS, ACTS, MAPS, NOTICES]

/** Columns that `events` got since its first form. */
const COLUMNS_ADDED = [
  'utm_source LowCardinality(String)',
  'utm_medium LowCardinality(String)',
  'utm_campaign LowCardinality(String)',
  'group_id LowCardinality(String)',
  'title LowCardinality(String)',
  'culprit LowCardinality(String)',
  'why String CODEC(ZSTD(3))',
  'frames String CODEC(ZSTD(3))',
  'repeated UInt32',
  'bot UInt8',
  'browser LowCardinality(String)',
  'country LowCardinality(String)',
  ...NUMBERS,
]

/**
 * What tables made before lack: a part of the definition that has it, and the clause that adds it. Rows
 * stored before have the type's default there: their errors belong to no group.
 */
export const ADDED: readonly { sign: string; clause: string }[] = [
  ...COLUMNS_ADDED.map(column => ({
    sign: `\`${column.split(' ')[0]}\` `,
    clause: `ADD COLUMN IF NOT EXISTS ${column}`,
  })),
  { sign: 'PROJECTION slots ', clause: `ADD PROJECTION IF NOT EXISTS ${SLOTS}` },
]

/** How long events are kept, as the engine writes it back in a table's definition. */
export function retentionClause(seconds: number): string {
  return `toDateTime(received_at) + toIntervalSecond(${seconds})`
}

/** `2026-11-22 03:02:11.482`, the engine's own way of writing a moment in UTC. */
export function moment(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 23).replace('T', ' ')
}
