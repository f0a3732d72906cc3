import { EventEmitter } from 'node:events'
import { empty, type Item, missing, other } from './data.js'

interface User {
  id: string
  roles: { name: string }[]
  settings: { theme: { dark: boolean } }
  login(): Promise<string>
}

/** As validators word it: several lines, one an issue. */
class ValidationError extends Error {
  constructor(fields: string[]) {
    super(
      JSON.stringify(
        fields.map(field => ({ code: 'invalid', path: [field] })),
        null,
        2,
      ),
    )
    this.name = 'ValidationError'
  }
}

function makeError(name: string, message: string): Error {
  const error = new Error(message)
  error.name = name
  return error
}

const token = (n: number): string => `tok_${(n * 7919).toString(36)}${(n * 104_729).toString(36)}X9`

const users = {
  load(id: number): User {
    throw makeError('UserGone', `User ${id} left on 2026-01-${String((id % 20) + 10)}`)
  },
  session: (id: number): string => {
    throw makeError('SessionExpired', `Session ${token(id)} expired ${id} minutes ago`)
  },
  revoke(id: number): string {
    throw makeError('SessionExpired', `Session ${token(id)} expired ${id} minutes ago`)
  },
  'sign-in': async (user: User): Promise<string> => (await user.login()).toUpperCase(),
}

function isAdmin(user: User): boolean {
  const check = (name: string) => user.roles.some(role => role.name === name)
  return check('admin')
}

function theme(user: User): boolean {
  return user.settings.theme.dark
}

class Directory {
  static #cache = new Map<string, User>()
  readonly #emitter = new EventEmitter()

  constructor() {
    this.#emitter.on('added', (user: User) => {
      this.added(user)
    })
  }

  added(user: User): number {
    return user.roles.length
  }

  add(user: User): void {
    this.#emitter.emit('added', user)
  }

  static async find(id: string): Promise<User> {
    const user = await Directory.#cache.get(id)
    if (!user) {
      throw new Error(`no user ${id} in a directory of ${Directory.#cache.size} users`)
    }
    return user
  }

  async *pages(size: number): AsyncGenerator<User[]> {
    for (let page = 0; page < size; page++) {
      await null
      if (page === 1) throw new Error(`page ${page} of ${size} cannot be read`)
      yield []
    }
  }

  toJSON(): never {
    throw new RangeError('a directory has no JSON')
  }
}

const chain = (n: number): Promise<string> =>
  Promise.resolve(n)
    .then(value => ({ value }))
    .then(found => other<{ user: { id: string } }>(found).user.id)

const compose =
  (prefix: string) =>
  (item: Item): string =>
    `${prefix} ${item.owner.id}`

async function retry<T>(times: number, run: () => Promise<T>): Promise<T> {
  for (let at = 1; ; at++) {
    try {
      return await run()
    } catch (error) {
      if (at === times) throw new Error(`gave up after ${times} times`, { cause: error })
    }
  }
}

async function consume(size: number): Promise<void> {
  for await (const page of new Directory().pages(size)) page.sort()
}

function parseAge(text: string): number {
  const age = Number.parseInt(text, 10)
  if (Number.isNaN(age)) throw new TypeError(`Expected an age, got "${text}"`)
  if (age > 150) throw new TypeError(`Expected an age of at most 150, got ${age}`)
  return age
}

const timer = (n: number): Promise<never> =>
  new Promise((_, reject) => {
    setTimeout(function expire() {
      reject(new Error(`timed out after ${n} ms`))
    }, 1)
  })

export const userFaults = {
  load: (n: number) => users.load(n),
  session: (n: number) => users.session(n),
  revoke: (n: number) => users.revoke(n),
  signIn: () => users['sign-in'](other({ login: async () => missing() })),
  admin: (n: number) => isAdmin(other({ id: `${n}`, roles: n % 2 ? missing() : empty() })),
  theme: (n: number) => theme(other({ id: `${n}`, settings: {} })),
  added: () => new Directory().add(other({})),
  find: (n: number) => Directory.find(`u-${n}`),
  pages: (n: number) => consume(n),
  json: () => JSON.stringify(new Directory()),
  chain: (n: number) => chain(n),
  compose: () => compose('item')(other({})),
  retry: (n: number) => retry(2, () => Directory.find(`u-${n}`)),
  invalid: (n: number) => {
    throw new ValidationError(n % 2 ? ['email'] : ['email', 'age'])
  },
  age: (n: number) => parseAge(`x${n}`),
  old: (n: number) => parseAge(`${n + 200}`),
  timer: (n: number) => timer(n),
  request: async () => {
    await null
    throw Object.assign(new Error(`Request failed with status code 502`), { code: 'ERR_BAD_RESPONSE' })
  },
  missing: async () => {
    await null
    throw Object.assign(new Error('Request failed with status code 404'), { code: 'ERR_BAD_REQUEST' })
  },
}
