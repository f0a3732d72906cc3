import { cartFaults } from './cart.js'
import { mailFaults } from './mail.js'
import { stockFaults } from './stock.js'
import { userFaults } from './users.js'

type Fault = (n: number) => unknown

/** Faults by the route that they happen on; a fault is known by both. */
export const routes: Record<string, Record<string, Fault>> = {
  '/cart': cartFaults,
  '/stock': stockFaults,
  '/mail': mailFaults,
  '/users': userFaults,
}

/** What every request passes through. */
async function timing(next: () => Promise<unknown>): Promise<unknown> {
  const start = performance.now()
  try {
    return await next()
  } finally {
    performance.now() - start
  }
}

/** Ends as the fault does. */
export function handle(route: string, name: string, n: number): Promise<unknown> {
  return timing(async () => {
    await null
    return await routes[route]?.[name]?.(n)
  })
}
