import { closeBackends } from './backends.js'
import type { Fault } from './given.js'
import { httpFaults } from './http.js'
import { ioFaults } from './io.js'
import { closeRecords, recordFaults } from './records.js'
import { onExpress, onFastify, onHono, onKoa, onQueue, throwOf } from './serve.js'
import { boardFaults, ticketFaults } from './tickets.js'

const { jobFaults } = await import('./jobs.js')

/** Faults by the route or queue that they happen on; a fault is known by both. */
export const routes: Record<string, Record<string, Fault>> = {
  '/tickets': ticketFaults,
  '/board': boardFaults,
  '/io': ioFaults,
  '/records': recordFaults,
  '/http': httpFaults,
  '/jobs': jobFaults,
}

const servers = new Map([
  ['/tickets', onFastify(ticketFaults)],
  ['/board', onHono(boardFaults)],
  ['/io', onKoa(ioFaults)],
  ['/records', onExpress(recordFaults)],
  ['/jobs', onQueue(jobFaults)],
])

/** Ends as the fault does. */
export async function handle(route: string, name: string, n: number): Promise<unknown> {
  const serve = await servers.get(route)
  return serve ? throwOf(() => serve(name, n)) : routes[route]?.[name]?.(n)
}

export async function close(): Promise<void> {
  await closeRecords()
  closeBackends()
}
