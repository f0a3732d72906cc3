import { MailError } from './errors.js'

/**
 * Hands a letter to the mail server, as far as a shop without one can.
 *
 * @throws MailError for an address that no mail can reach
 */
export function deliver(address: string, _letter: string): void {
  if (!/@[^@]+\.[^@]+$/.test(address)) throw new MailError('550 no such mailbox')
}
