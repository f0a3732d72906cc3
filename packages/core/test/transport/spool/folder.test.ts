import {
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  CHUNK_BYTES,
  Folder,
  isMissing,
  type Listed,
  type Listing,
} from '../../../src/transport/spool/folder.js'
import { SpoolFolder } from './folder.js'

const MIB = 1024 * 1024
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const OTHER = 'f'.repeat(12)

let place: SpoolFolder
let folder: Folder

beforeEach(() => {
  place = new SpoolFolder()
  folder = new Folder(place.path, 'https://e.test', 'site')
})
afterEach(() => place[Symbol.asyncDispose]())

function write(path: string, content = 'content'): string {
  writeFileSync(path, content)
  return path
}

async function only(): Promise<Listed> {
  const { files } = await folder.list()
  return files[0] as Listed
}

describe('a name', () => {
  it('is new each time, and tells the owner or that there is none', async () => {
    expect(folder.newPath()).not.toBe(folder.newPath())
    expect(folder.freePath()).not.toBe(folder.freePath())
    await folder.list()
    write(folder.newPath())
    write(folder.freePath())
    const { files } = await folder.list()
    const [free, own] = files.toSorted(
      (a, b) => Number(a.owner !== undefined) - Number(b.owner !== undefined),
    )
    expect(free?.owner).toBeUndefined()
    const { pid, host, space, start, client } = own?.owner ?? {}
    expect(pid).toBe(process.pid)
    const begin = `${own?.tag}-${host}-${space}-${pid}-${start}-${client}-`
    expect(basename(own?.path ?? '').replace(/\d+\.spool$/, '')).toBe(begin)
    expect(free?.tag).toBe(own?.tag)
  })

  it('has a tag of the endpoint and the site', async () => {
    const tags = [
      folder,
      new Folder('', 'https://e.test', 'other'),
      new Folder('', 'https://f.test', 'site'),
    ].map(one => basename(one.newPath()).split('-')[0])
    expect(new Set(tags).size).toBe(3)
  })
})

describe.each([
  ['list', (): Promise<Listing> => folder.list()],
  ['listNow', async (): Promise<Listing> => folder.listNow()],
])('%s', (_name, list) => {
  it('makes the folder for this user alone, with those above it', async () => {
    folder = new Folder(join(place.path, 'deep'), 'https://e.test', 'site')
    expect(await list()).toEqual({ files: [], foreign: 0 })
    expect(statSync(folder.path).mode & 0o777).toBe(0o700)
    expect(await list()).toEqual({ files: [], foreign: 0 })
  })

  it('does not take what is no folder for one', async () => {
    write(place.path)
    await expect(list()).rejects.toThrow(/ENOTDIR|EEXIST/)
  })

  it('tells size and time of files', async () => {
    await list()
    const path = write(folder.newPath(), '12345')
    utimesSync(path, 1000, 1000)
    expect(await list()).toMatchObject({ files: [{ path, bytes: 5, touched: 1_000_000 }], foreign: 0 })
  })

  it('takes nothing for a file of ours that is none', async () => {
    await list()
    const [like = ''] = [folder.freePath()]
    write(join(place.path, 'notes.txt'))
    mkdirSync(folder.freePath())
    symlinkSync(write(like), folder.freePath())
    truncateSync(write(folder.freePath()), 2 * MIB + 1)
    truncateSync(write(folder.freePath()), 2 * MIB)
    const { files, foreign } = await list()
    expect(foreign).toBe(4)
    expect(files.map(({ bytes }) => bytes).toSorted((a, b) => a - b)).toEqual([7, 2 * MIB])
  })

  it.each<[string, (name: string) => string]>([
    ['with something before', name => `x${name}`],
    ['with something behind', name => `${name}~`],
    ['without a number', name => name.replace(/-\d+\.spool/, '-.spool')],
    ['with a number that is none', name => name.replace(/-\d+\.spool/, '-x.spool')],
    ['with another ending', name => name.replace('.spool', '-spool')],
    ['with a short tag', name => name.slice(1)],
    ['with a tag in capitals', name => `A${name.slice(1)}`],
    ['of a client that is none', name => name.replace(/[0-9a-f]{12}(-\d+\.spool)/, 'x$1')],
    ['without the host', name => name.replace(/^(.{12})-.{12}/, '$1')],
    ['of a process that is none', name => name.replace(/-\d+-(\d*)-/, '-x-$1-')],
    ['without a process', name => name.replace(/-\d+-(\d*)-/, '--$1-')],
    ['of a start that is none', name => name.replace(/-(\d+)-\d*-/, '-$1-x-')],
  ])('takes no name %s for ours', async (_how, change) => {
    await list()
    write(join(place.path, change(basename(folder.newPath()))))
    expect(await list()).toEqual({ files: [], foreign: 1 })
  })

  it('takes a name without a start for ours: not every platform tells it', async () => {
    await list()
    const name = `${OTHER}-${OTHER}-${OTHER}-12-345-${OTHER}-67.spool`
    write(join(place.path, name))
    write(join(place.path, name.replace('345', '')))
    const { files } = await list()
    const owner = { host: OTHER, space: OTHER, pid: 12, client: OTHER }
    expect(files.map(({ owner }) => owner).toSorted((a, b) => Number(a?.start) - Number(b?.start))).toEqual([
      { ...owner, start: '' },
      { ...owner, start: '345' },
    ])
  })
})

it('room is what 16 MiB have left, with a chunk for each other client that may be writing', async () => {
  expect(folder.room(await folder.list())).toBe(16 * MIB)
  write(folder.newPath(), 'x'.repeat(1000))
  write(folder.freePath(), 'x'.repeat(100))
  expect(folder.room(await folder.list())).toBe(16 * MIB - 1100)
  const other = new Folder(place.path, 'https://e.test', 'other')
  write(other.newPath(), '')
  write(other.newPath(), '')
  write(new Folder(place.path, '', '').newPath(), '')
  expect(folder.room(await folder.list())).toBe(16 * MIB - 1100 - 2 * CHUNK_BYTES)
})

describe('a file', () => {
  it('was left where it has no owner, or one that is gone, and is for our site', async () => {
    const files: [string, boolean][] = [
      [folder.freePath(), true],
      [folder.newPath(), false],
      [folder.newPath().replace(`-${process.pid}-`, `-${2 ** 30}-`), true],
      [new Folder(place.path, 'https://e.test', 'other').freePath(), false],
    ]
    await folder.list()
    for (const [path] of files) write(path)
    const listed = (await folder.list()).files.map(file => [file.path, folder.isLeft(file)])
    expect(new Map(listed as [string, boolean][])).toEqual(new Map(files))
  })

  it('is claimed under a name of ours, as if touched now', async () => {
    await folder.list()
    utimesSync(write(folder.freePath()), 0, 0)
    const claimed = await folder.claim(await only())
    expect(claimed?.content.toString()).toBe('content')
    expect(place.paths).toEqual([claimed?.path])
    const { owner, touched } = await only()
    expect(owner?.pid).toBe(process.pid)
    expect(touched).toBeGreaterThan(Date.now() - MINUTE)
  })

  it('is claimed by one alone', async () => {
    await folder.list()
    write(folder.freePath())
    const file = await only()
    const claims = await Promise.all([folder.claim(file), folder.claim(file), folder.claim(file)])
    expect(claims.filter(claimed => claimed !== undefined)).toHaveLength(1)
  })

  it('that cannot be read is left to others', async () => {
    await folder.list()
    const path = folder.freePath()
    mkdirSync(path)
    const file = { path, tag: '', owner: undefined, bytes: 0, touched: 0 }
    await expect(folder.claim(file)).rejects.toThrow('EISDIR')
    expect(place.names).toEqual([expect.stringContaining('-free-')])
    expect(place.paths).not.toEqual([path])
  })

  it('that cannot be reached is no file that another one took', async () => {
    await folder.list()
    const file = {
      path: join(write(join(place.path, 'file')), 'in it'),
      tag: '',
      owner: undefined,
      bytes: 0,
      touched: 0,
    }
    await expect(folder.claim(file)).rejects.toThrow('ENOTDIR')
  })

  it.each([
    ['of another site is removed when it is over a day old', 'other', DAY + 2 * MINUTE, false],
    ['of another site is left before that', 'other', DAY + MINUTE / 2, true],
    ['of our site is not removed unread', 'site', DAY + 2 * MINUTE, true],
  ])('%s', async (_which, site, age, isLeft) => {
    await folder.list()
    const path = write(new Folder(place.path, 'https://e.test', site).freePath())
    const touched = new Date(Date.now() - age)
    utimesSync(path, touched, touched)
    const file = await only()
    await folder.sweep(file)
    expect(place.names).toHaveLength(isLeft ? 1 : 0)
    await expect(folder.sweep(file)).resolves.toBeUndefined()
  })
})

it('only what is not there is missing', () => {
  const read = (path: string): unknown => {
    try {
      return readFileSync(path)
    } catch (error) {
      return error
    }
  }
  expect(isMissing(read(join(place.path, 'nothing')))).toBe(true)
  expect(isMissing(read(join(place.path, '..')))).toBe(false)
})
