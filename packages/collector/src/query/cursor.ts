import { moment } from '../store/schema.js'
import { type Condition, expected, type Search } from './parameters.js'

/** Of an entry in a list: from the newest to the oldest, and by id within one moment. */
export interface Place {
  /** As the engine writes a moment. */
  at: string
  id: string
}

/** What comes after a place, to be given as `cursor`. */
export function formatCursor({ at, id }: Place): string {
  return Buffer.from(`${at}\n${id}`).toString('base64url')
}

/**
 * What is left of a list, once its beginning was given.
 * @param place the SQL of an entry's moment and id
 */
export function afterCursor(search: Search, place: string): Condition | undefined {
  const cursor = search('cursor')
  if (cursor === undefined) return undefined
  const [at = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split('\n')
  if (!isMoment(at) || id === '') throw expected('cursor', 'the `next` of an answer', cursor)
  return {
    sql: `${place} < ({cursor_at:DateTime64(3, 'UTC')}, {cursor_id:String})`,
    parameters: { cursor_at: at, cursor_id: id },
  }
}

/** Whether a text is a moment as the engine writes it: the engine refuses a day that there is not. */
function isMoment(text: string): boolean {
  const at = Date.parse(`${text.replace(' ', 'T')}Z`)
  return !Number.isNaN(at) && moment(at) === text
}
