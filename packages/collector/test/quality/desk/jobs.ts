import { runInThisContext } from 'node:vm'
import { type Fault, given } from './given.js'

interface Job {
  id: number
  name: string
  data: { to: string[]; rows: unknown[][] }
}

class JobFailed extends Error {
  constructor(job: Job, cause: unknown) {
    super(`job ${job.id} failed`, { cause })
  }
}

class Unrecoverable extends Error {
  static {
    Unrecoverable.prototype.name = 'Unrecoverable'
  }
}

const job = (id: number): Job => ({ id, name: 'send', data: { to: [`${id}@mail.example`], rows: [] } })

const tick = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

async function render(of: Job): Promise<string> {
  await tick()
  return of.data.rows[0]?.join() ?? given<string>(of.data.rows[1]).trim()
}

async function upload(of: Job): Promise<void> {
  await tick()
  throw new Error(`bucket answered 403 for /exports/${of.id}.csv`)
}

/** Wraps whatever goes wrong in a step. */
async function step(of: Job, run: (of: Job) => Promise<unknown>): Promise<void> {
  try {
    await run(of)
  } catch (error) {
    throw new JobFailed(of, error)
  }
}

const processors: Record<string, (of: Job) => Promise<unknown>> = {
  'invoice.send': async of => {
    await tick()
    throw new Error(`no address for job ${of.id}`)
  },
  'invoice.print': async of => {
    await tick()
    throw new Error(`no address for job ${of.id}`)
  },
  async archive(of) {
    await tick()
    if (of.id > 0) throw new Unrecoverable(`job ${of.id} has nothing to archive`)
  },
}

const processJob = (name: string, n: number) => processors[name]?.(job(n))

async function prices(n: number): Promise<unknown> {
  return Promise.any([quote('north', n), quote('south', n)])
}

async function quote(where: string, n: number): Promise<number> {
  await tick()
  throw new Error(`no quote from ${where} for ${n} pieces`)
}

async function settled(n: number): Promise<void> {
  const results = await Promise.allSettled([upload(job(n)), tick()])
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

async function reword(n: number): Promise<void> {
  try {
    await quote('west', n)
  } catch (error) {
    const changed = error as Error
    changed.message = `while pricing: ${changed.message}`
    throw changed
  }
}

class Ledger {
  #balance = 0

  book(amount: number): this {
    if (this.#balance + amount < 0) this.#fail(`cannot book ${amount} on a balance of ${this.#balance}`)
    return this
  }

  close(year: number): this {
    if (year > 10) this.#fail(`year ${year} is closed`)
    return this
  }

  #fail(message: string): never {
    throw new Error(message)
  }
}

const guard = (kind: string) => (n: number) => {
  if (n > 0) throw new Error(`${kind} is switched off`)
}
const exportsOff = guard('export')
const importsOff = guard('import')

function fromTemplate(n: number): unknown {
  const row = new Function('row', `return row.cells[${n}].join()`)
  return row({ cells: [] })
}

function fromScript(n: number): unknown {
  return runInThisContext(`(function summary(rows) { return rows.total.toFixed(${n % 9}) })`, {
    filename: 'summary.tpl',
  })({})
}

function afterwards(n: number): Promise<void> {
  return new Promise((_, reject) => {
    process.nextTick(() => {
      try {
        given<() => void>(n)()
      } catch (error) {
        reject(error)
      }
    })
  })
}

function tooDeep(of: { parent?: object }): string {
  return JSON.stringify({
    toJSON: () => tooDeep(of),
  })
}

const settings: Record<string, unknown> = Object.defineProperty({}, 'currency', {
  get() {
    throw new Error('no currency is set')
  },
})

const strict = new Proxy<Record<string, string>>(
  {},
  {
    get(_, name) {
      throw new ReferenceError(`no setting ${String(name)}`)
    },
  },
)

function words(parts: TemplateStringsArray, ...values: number[]): string {
  return parts.map((part, at) => part + given<number[][]>(values)[at]?.at(0)).join('')
}

async function refuse(n: number): Promise<void> {
  await tick()
  throw { status: 'refused', job: n }
}

function answered(n: number): Promise<never> {
  return Promise.reject({ message: `quota of ${n} is used up`, code: 'QUOTA' })
}

const reject = (value: unknown): Promise<never> => Promise.reject(value)

function silent(n: number): void {
  const error = new Error(`worker ${n} ended without a word`)
  delete error.stack
  throw error
}

async function* lines(n: number): AsyncGenerator<string> {
  yield 'first'
  await tick()
  throw new SyntaxError(`line ${n}: ";" expected`)
}

async function collect(n: number): Promise<string[]> {
  const all: string[] = []
  for await (const line of lines(n)) all.push(line)
  return all
}

class Report {
  rows = given<string[]>()
  get width(): number {
    return Math.max(...this.rows.map(row => row.length))
  }
  print = (): string => '-'.repeat(this.width)
}

class MonthlyReport extends Report {
  override print = (): string => `${given<{ month: Date }>(this).month.getMonth()}`
}

export const jobFaults: Record<string, Fault> = {
  render: n => step(job(n), render),
  upload: n => step(job(n), upload),
  send: n => processJob('invoice.send', n),
  print: n => processJob('invoice.print', n),
  archive: n => processJob('archive', n),
  prices,
  settled,
  reword,
  book: n => new Ledger().book(-n),
  closeYear: n => new Ledger().close(n),
  exportsOff,
  importsOff,
  fromTemplate,
  fromScript,
  afterwards,
  tooDeep: () => tooDeep({}),
  currency: n => `${n} ${settings.currency}`,
  strict: () => strict.locale,
  words: n => words`ticket ${n} of ${n}`,
  refuse,
  answered,
  number: n => reject(-n),
  nothing: () => reject(null),
  text: n => reject(`job ${n} was stopped`),
  silent,
  collect,
  width: () => new Report().print(),
  month: () => new MonthlyReport().print(),
}
