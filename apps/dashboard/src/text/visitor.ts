import { brief } from './hostile.js'

/** A visitor's id is a hash, of which so much tells visitors apart; a drawer has all of it. */
export function briefVisitor(id: string): string {
  return brief(id, 12)
}
