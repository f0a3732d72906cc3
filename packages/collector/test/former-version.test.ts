import { join } from 'node:path'
import { Session } from 'chdb'
import { expect, it } from 'vitest'
import { toRow } from '../src/ingest/row.js'
import { openEmbeddedStore } from '../src/store/chdb.js'
import { ADDED, MERGING } from '../src/store/schema.js'
import type { Row } from '../src/store/store.js'
import { makeEvent, temporaryFolder } from './helpers.js'

const RETENTION = 86_400

it('goes on with the tables of a former version: its errors belong to no group', async () => {
  const data = temporaryFolder()
  const event = makeEvent({ exception_type: 'Error' }, { event: 'exception' })
  const columns = ADDED.flatMap(({ clause }) => /^ADD COLUMN IF NOT EXISTS (\w+) /.exec(clause)?.[1] ?? [])
  const row = Object.entries(toRow(event as never, Date.now())).filter(([name]) => !columns.includes(name))

  await (await openEmbeddedStore(data, RETENTION)).close()
  const former = new Session(join(data, 'store'))
  expect(columns.length).toBeGreaterThan(5)
  former.query('ALTER TABLE events DROP PROJECTION slots')
  former.query(
    'ALTER TABLE events RESET SETTING min_age_to_force_merge_seconds, min_age_to_force_merge_on_partition_only',
  )
  for (const column of columns) former.query(`ALTER TABLE events DROP COLUMN ${column}`)
  await former.insert({
    table: 'events',
    values: Buffer.from(JSON.stringify(Object.fromEntries(row))),
    format: 'JSONEachRow',
  })
  former.close()

  const store = await openEmbeddedStore(data, RETENTION)
  const found = await store.query<Row>('SELECT event_id, group_id, why, bot FROM events')
  expect(found).toEqual([{ event_id: event.event_id, group_id: '', why: '', bot: 0 }])
  const [{ definition } = { definition: '' }] = await store.query<{ definition: string }>(
    "SELECT create_table_query AS definition FROM system.tables WHERE name = 'events'",
  )
  expect(definition).toContain(MERGING)
  await store.close()
})
