import assert from 'node:assert'
import { type Fault, given, type Person, type Ticket } from './given.js'

class NotAllowed extends Error {
  readonly action: string

  constructor(action: string, message: string) {
    super(message)
    this.name = 'NotAllowed'
    this.action = action
  }
}

class TicketState {
  #status = 'open'

  static of(ticket: TicketState): string {
    return ticket.#status
  }

  set status(value: string) {
    if (value === this.#status) throw new RangeError(`ticket is ${value} already`)
    this.#status = value
  }

  close(by: Person): void {
    if (!by.email.endsWith('@desk.example')) throw new NotAllowed('close', 'You are not allowed to do this')
    this.#status = 'closed'
  }

  reopen(by: Person): void {
    if (!by.email.endsWith('@desk.example')) throw new NotAllowed('reopen', 'You are not allowed to do this')
    this.#status = 'open'
  }
}

const person = (n: number): Person => ({
  name: `Person ${n}`,
  email: `person.${n}@mail.example`,
  address: { city: 'Bern', lines: [] },
})

const ticket = (n: number, more: Partial<Ticket> = {}): Ticket => ({
  id: n,
  title: `Ticket ${n}`,
  author: person(n),
  watchers: [],
  due: new Date(0),
  labels: new Map(),
  history: [],
  render: () => '',
  ...more,
})

function formatAll(tickets: Ticket[]): string {
  return tickets.map(each => each.render()).join('\n')
}

function notify(of: Ticket): string[] {
  const addresses: string[] = []
  for (const watcher of of.watchers) addresses.push(watcher.email)
  return addresses
}

function greet({ author: { name } }: Ticket): string {
  return `Dear ${name}`
}

function advance(of: Ticket, status: string): void {
  const last = of.history.at(-1)
  given<{ status: string }>(last).status = status
}

function lastChange(of: Ticket): string {
  const { by } = given<Ticket['history'][number]>(of.history[0])
  return by.name
}

function lateFee(n: number): number {
  const fee = (): number => base * n
  const due: number = fee()
  const base: number = due + 1
  return base
}

const exporters: Record<string, new (n: number) => object> = { csv: Map, json: given(JSON) }

function exporter(kind: string, n: number): object {
  const Exporter = given<new (n: number) => object>(exporters[kind])
  return new Exporter(n)
}

function newest(tickets: Ticket[]): Ticket {
  return tickets.reduce((a, b) => (a.due > b.due ? a : b))
}

function labelsOf(of: Ticket): string[] {
  return Object.keys(of.labels)
}

function index(pairs: Iterable<[string, Ticket]>): Map<string, Ticket> {
  return new Map(pairs)
}

function hasOwner(of: object): boolean {
  return 'owner' in of
}

function isKnown(kind: unknown, of: unknown): boolean {
  return of instanceof given<typeof Object>(kind)
}

function labelOf(labels: Map<string, string>): string | undefined {
  return Map.prototype.get.call(labels, 'priority')
}

function initials(of: Person): string {
  return of.name
    .split(' ')
    .map(part => part[0]?.toUpperCase())
    .join('')
}

function caption(tag: unknown): string {
  return `#${tag}`
}

function dueIn(of: Ticket): string {
  return of.due.toISOString()
}

function search(text: string, tickets: Ticket[]): Ticket[] {
  const wanted = new RegExp(text)
  return tickets.filter(({ title }) => wanted.test(title))
}

class Queue {
  readonly tickets: Ticket[]

  constructor(tickets: Ticket[]) {
    this.tickets = tickets
  }

  get overdue(): Ticket[] {
    return this.tickets.filter(({ due }) => due.getTime() < 0)
  }

  *[Symbol.iterator](): Generator<string> {
    for (const each of this.tickets) yield each.author.address.lines.join()
  }

  static merge(queues: Queue[]): Queue {
    return new Queue(queues.flatMap(queue => queue.tickets.slice()))
  }

  check(expected: number): void {
    assert.deepStrictEqual({ length: this.tickets.length }, { length: expected })
  }

  'move-to-top'(at: number): void {
    const [found] = this.tickets.splice(at, 1)
    this.tickets.unshift(given<Ticket>(found))
    if (this.tickets.includes(given<Ticket>(undefined))) throw new Error(`no ticket at ${at} to move`)
  }
}

export const ticketFaults: Record<string, Fault> = {
  render: n => formatAll([ticket(n, { render: given('text') })]),
  watchers: n => notify(ticket(n, { watchers: given({ length: n }) })),
  greet: n => greet(ticket(n, { author: given() })),
  advance: n => advance(ticket(n), 'waiting'),
  lastChange: n => lastChange(ticket(n)),
  lateFee,
  exporter: n => exporter('json', n),
  newest: () => newest([]),
  labels: n => labelsOf(ticket(n, { labels: given(n % 2 ? null : undefined) })),
  index: n => index(given(n)),
  owner: n => hasOwner(given(`ticket ${n}`)),
  known: n => isKnown({}, ticket(n)),
  label: () => labelOf(given({})),
  initials: n => initials(given({ name: n })),
  caption: n => caption(Symbol(`tag ${n}`)),
  due: n => dueIn(ticket(n, { due: new Date(Number.NaN) })),
  search: n => search(`(ticket ${n}`, []),
}

export const boardFaults: Record<string, Fault> = {
  overdue: n => new Queue([ticket(n, { due: given(`2026-01-${(n % 20) + 10}`) })]).overdue,
  iterate: n => [...new Queue([ticket(n, { author: given({ address: {} }) })])],
  merge: n => Queue.merge([new Queue([ticket(n)]), given({})]),
  check: n => new Queue([]).check(n),
  moveToTop: n => new Queue([])['move-to-top'](n),
  foreignState: () => TicketState.of(given({})),
  sameStatus: () => Object.assign(new TicketState(), { status: 'open' }),
  close: n => new TicketState().close(person(n)),
  reopen: n => new TicketState().reopen(person(n)),
}
