import { Redis } from 'ioredis'
import pg from 'pg'
import { z } from 'zod'
import { postgres, type Refusal, redis } from './backends.js'
import { type Fault, given } from './given.js'

let asked = 0

/** What the database says, by the beginning of what it is asked. */
const refusals: Record<string, (n: number) => Refusal | undefined> = {
  'insert into users': n => ({
    code: '23505',
    message: 'duplicate key value violates unique constraint "users_email_key"',
    detail: `Key (email)=(person.${n}@mail.example) already exists.`,
    constraint: 'users_email_key',
  }),
  'insert into teams': n => ({
    code: '23505',
    message: 'duplicate key value violates unique constraint "teams_slug_key"',
    detail: `Key (slug)=(team-${n}) already exists.`,
    constraint: 'teams_slug_key',
  }),
  'update tickets': n => ({
    code: '40P01',
    message: 'deadlock detected',
    detail: `Process ${n} waits for ShareLock on transaction ${n * 7919}; blocked by process ${n + 3}.`,
  }),
  'select * from reports': n => ({
    code: '42P01',
    message: `relation "reports_2026_${n}" does not exist`,
  }),
  'select * from tickets': () => ({
    code: '57014',
    message: 'canceling statement due to statement timeout',
  }),
  'select * from invoices': n => ({
    code: '22P02',
    message: `invalid input syntax for type uuid: "invoice-${n}"`,
  }),
  'select * from sessions': () => undefined,
}

let connected: Promise<pg.Pool> | undefined

function pool(): Promise<pg.Pool> {
  const answer = (sql: string) =>
    Object.entries(refusals)
      .find(([beginning]) => sql.startsWith(beginning))?.[1]
      ?.call(undefined, asked)
  connected ??= postgres(answer).then(port => {
    const made = new pg.Pool({ host: '127.0.0.1', port, user: 'desk', password: 'desk', database: 'desk' })
    return made.on('error', () => {})
  })
  return connected
}

async function query(n: number, sql: string, values: unknown[] = []): Promise<pg.QueryResultRow[]> {
  asked = n
  const { rows } = await (await pool()).query(sql, values)
  return rows
}

async function createUser(n: number): Promise<void> {
  await query(n, 'insert into users (email) values ($1)', [`person.${n}@mail.example`])
}

async function createTeam(n: number): Promise<void> {
  await query(n, 'insert into teams (slug) values ($1)', [`team-${n}`])
}

class TicketStore {
  async move(n: number): Promise<void> {
    await query(n, 'update tickets set team = $1', [n])
  }

  async list(n: number): Promise<unknown> {
    return await query(n, 'select * from tickets order by due')
  }

  async search(n: number): Promise<unknown> {
    return await query(n, 'select * from tickets where title like $1', [`%${n}%`])
  }
}

const report = async (n: number) => (await query(n, `select * from reports_2026_${n}`))[0]

async function invoice(n: number): Promise<unknown> {
  const [row] = await query(n, 'select * from invoices where id = $1', [`invoice-${n}`])
  return row
}

async function session(n: number): Promise<string> {
  const [row] = await query(n, 'select * from sessions where id = $1', [n])
  return row?.user
}

async function unreachable(n: number): Promise<unknown> {
  const client = new pg.Client({ host: '127.0.0.1', port: 1, user: 'desk', database: `desk_${n}` })
  await client.connect()
  return client
}

const replies: Record<string, string> = {
  incr: '-WRONGTYPE Operation against a key holding the wrong kind of value',
  set: "-OOM command not allowed when used memory > 'maxmemory'.",
  zadd: "-READONLY You can't write against a read only replica.",
}

const opened: Redis[] = []
let cacheOpened: Promise<Redis> | undefined

function openRedis(port: number): Redis {
  const client = new Redis(port, '127.0.0.1', {
    enableReadyCheck: false,
    disableClientInfo: true,
    maxRetriesPerRequest: 1,
    retryStrategy: () => 1,
  })
  opened.push(client.on('error', () => {}))
  return client
}

function cache(): Promise<Redis> {
  cacheOpened ??= redis(command => replies[command]).then(openRedis)
  return cacheOpened
}

async function hit(n: number): Promise<number> {
  return await (await cache()).incr(`hits:${n}`)
}

async function remember(n: number): Promise<void> {
  await (await cache()).set(`ticket:${n}`, 'x'.repeat(n))
}

const rank = async (n: number): Promise<void> => {
  await (await cache()).zadd('ranks', n, `ticket:${n}`)
}

async function flag(n: number): Promise<string | null> {
  return await openRedis(1).get(`flag:${n}`)
}

const Comment = z.object({ text: z.string().min(3), author: z.email() })
const Webhook = z.object({ event: z.enum(['opened', 'closed']), ticket: z.number() })

function parseComment(body: unknown): string {
  return Comment.parse(body).text
}

function parseWebhook(body: unknown): number {
  const { ticket } = Webhook.parse(body)
  return ticket
}

/** As an object-relational mapper words it: what was called, and below it what went wrong. */
class KnownRequestError extends Error {
  readonly code: string

  constructor(call: string, message: string, code: string) {
    super(`\nInvalid \`${call}\` invocation:\n\n\n${message}`)
    this.name = 'KnownRequestError'
    this.code = code
  }
}

function saveContact(n: number, known: boolean): void {
  if (known) {
    const message = 'Unique constraint failed on the fields: (`email`)'
    throw new KnownRequestError('database.contact.create()', message, 'P2002')
  }
  const message = `Foreign key constraint failed on the field: \`company_${n}_fkey (index)\``
  throw new KnownRequestError('database.contact.create()', message, 'P2003')
}

/** Documents' databases tell a number as code. */
class DocumentError extends Error {
  readonly code: number

  constructor(message: string, code: number) {
    super(message)
    this.code = code
  }

  override get name(): string {
    return 'DocumentError'
  }
}

function insertArticle(n: number): void {
  const key = `{ slug: "article-${n}" }`
  throw new DocumentError(
    `E11000 duplicate key error collection: desk.articles index: slug_1 dup key: ${key}`,
    11000,
  )
}

const countArticles = (n: number): void => {
  throw new DocumentError(`operation exceeded time limit after ${n}ms`, 50)
}

function enroll(n: number): void {
  const error = new Error(`Duplicate entry 'person.${n}@mail.example' for key 'members.email'`)
  throw Object.assign(error, { code: 'ER_DUP_ENTRY', errno: 1062, sqlState: '23000' })
}

function lockMember(n: number): void {
  const error = new Error('Lock wait timeout exceeded; try restarting transaction')
  throw Object.assign(error, { code: 'ER_LOCK_WAIT_TIMEOUT', errno: 1205, sql: `update members ${n}` })
}

export const recordFaults: Record<string, Fault> = {
  createUser,
  createTeam,
  move: n => new TicketStore().move(n),
  list: n => new TicketStore().list(n),
  search: n => new TicketStore().search(n),
  report,
  invoice,
  session,
  unreachable,
  hit,
  remember,
  rank,
  flag,
  comment: n => parseComment(n % 2 ? { text: 'a' } : { text: `${n}`, author: n }),
  webhook: n => parseWebhook(n % 2 ? { event: n } : given(n)),
  contactKnown: n => saveContact(n, true),
  contactCompany: n => saveContact(n, false),
  insertArticle,
  countArticles,
  enroll,
  lockMember,
}

export async function closeRecords(): Promise<void> {
  for (const client of opened) client.disconnect()
  await (await connected)?.end()
}
