import { GROUP_OF } from '../grouping/state.js'
import type { Store } from '../store/store.js'

/**
 * The SQL of the group that a row of `events` belongs to: its own column as long as no groups are merged or split,
 * which is usual, and which a statement of its own tells sooner than every row could.
 */
export async function tellGroup(store: Store): Promise<string> {
  const decided = await store.query("SELECT 1 FROM acts WHERE target != '' OR pieces LIMIT 1")
  return decided.length === 0 ? 'toString(group_id)' : GROUP_OF
}
