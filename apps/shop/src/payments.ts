import { GatewayError, ShopError } from './errors.js'

/** Cards for trying it out; every other one is taken. */
export const CARDS = {
  good: '4242 4242 4242 4242',
  declined: '4000 0000 0000 0002',
  timesOut: '4000 0000 0000 0119',
}

/**
 * Takes the money, as far as a shop without a bank can.
 *
 * @throws ShopError 402 for a declined card; GatewayError where the gateway does not answer
 */
export function charge(card: string): void {
  if (card === CARDS.declined) throw new ShopError(402, 'The card was declined')
  if (card === CARDS.timesOut)
    throw new GatewayError('The payment gateway did not answer within 2000 ms', {
      cause: Object.assign(new Error('connect ETIMEDOUT 192.0.2.10:443'), {
        code: 'ETIMEDOUT',
        syscall: 'connect',
      }),
    })
}
