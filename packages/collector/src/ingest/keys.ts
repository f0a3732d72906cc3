import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CollectorError } from '../errors.js'

/** How soon a running collector sees keys revoked by another process, milliseconds. */
const LOOK_EVERY_MS = 1000
const ID = /^key_[0-9a-f]{12}$/

export interface StoredKey {
  id: string
  site: string
  /** ISO 8601. */
  created: string
}

interface KeyFile extends StoredKey {
  /** SHA-256 of the key, hexadecimal. The key itself is shown once and kept nowhere. */
  sha256: string
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

function isKeyFile(value: unknown): value is KeyFile {
  const file = value as Partial<KeyFile> | null
  return (
    typeof file?.id === 'string' &&
    typeof file.site === 'string' &&
    typeof file.created === 'string' &&
    /^[0-9a-f]{64}$/.test(file.sha256 ?? '')
  )
}

function folderOf(data: string): string {
  return join(data, 'keys')
}

function unusable(folder: string, error: unknown): CollectorError {
  const reason = (error as NodeJS.ErrnoException).code ?? String(error)
  return new CollectorError(
    `The keys in ${folder} cannot be read and written (${reason}): see to its rights, or choose another folder with \`--data\`.`,
    { cause: error },
  )
}

function idsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(name => name.endsWith('.json'))
      .map(name => name.slice(0, -'.json'.length))
      .filter(id => ID.test(id))
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw unusable(folder, error)
  }
}

/** Changes whenever a file comes or goes. */
function changeOf(folder: string): bigint | undefined {
  return statSync(folder, { bigint: true, throwIfNoEntry: false })?.mtimeNs
}

function readKey(folder: string, id: string): KeyFile | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, `${id}.json`), 'utf8'))
    return isKeyFile(value) && value.id === id ? value : undefined
  } catch {
    // Revoked since the folder was listed, or damaged: no key.
    return undefined
  }
}

/**
 * One file a key: making one is a rename and revoking one a removal, so no two processes can lose each other's.
 * @throws {CollectorError}
 */
export function createKey(data: string, site: string): { id: string; key: string } {
  const folder = folderOf(data)
  const id = `key_${randomBytes(6).toString('hex')}`
  const key = `ja_${randomBytes(24).toString('base64url')}`
  const file: KeyFile = { id, site, created: new Date().toISOString(), sha256: digest(key).toString('hex') }
  const path = join(folder, `${id}.json`)
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 })
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(`${path}.new`, `${JSON.stringify(file)}\n`, { mode: 0o600, flag: 'wx', flush: true })
    renameSync(`${path}.new`, path)
  } catch (error) {
    throw unusable(folder, error)
  }
  return { id, key }
}

/**
 * Oldest first.
 * @throws {CollectorError}
 */
export function listKeys(data: string): StoredKey[] {
  const folder = folderOf(data)
  return idsIn(folder)
    .flatMap(id => readKey(folder, id) ?? [])
    .map(({ id, site, created }) => ({ id, site, created }))
    .sort((a, b) => a.created.localeCompare(b.created))
}

/**
 * `false`: there is no such key.
 * @throws {CollectorError}
 */
export function revokeKey(data: string, id: string): boolean {
  if (!idsIn(folderOf(data)).includes(id)) return false
  try {
    rmSync(join(folderOf(data), `${id}.json`), { force: true })
  } catch (error) {
    throw unusable(folderOf(data), error)
  }
  return true
}

export interface Keyring {
  /** The site a key may write; undefined for a key that is not known. */
  siteOf(key: string): string | undefined
  close(): void
}

/** The keys of the data folder, seen anew every second and for a key that is not known, and the one of the options. */
export function openKeyring(data: string, given?: { site: string; key: string }): Keyring {
  const folder = folderOf(data)
  const fixed = given ? [{ site: given.site, sha256: digest(given.key) }] : []
  let known = new Map<string, { site: string; sha256: Buffer }>()
  let changed: bigint | undefined

  const look = () => {
    changed = changeOf(folder)
    const seen = new Map<string, { site: string; sha256: Buffer }>()
    for (const id of idsIn(folder)) {
      const file = known.has(id) ? undefined : readKey(folder, id)
      const key = file ? { site: file.site, sha256: Buffer.from(file.sha256, 'hex') } : known.get(id)
      if (key) seen.set(id, key)
    }
    known = seen
  }
  look()
  const lookAgain = (isDue: boolean) => {
    try {
      if (isDue || changeOf(folder) !== changed) look()
    } catch {
      // A folder that cannot be listed for a moment revokes nothing.
    }
  }
  const timer = setInterval(lookAgain, LOOK_EVERY_MS, true)
  timer.unref()

  const find = (given: Buffer): string | undefined => {
    let site: string | undefined
    // Every key is compared, found or not: the time taken tells nothing.
    for (const each of [...fixed, ...known.values()])
      if (timingSafeEqual(each.sha256, given)) site = each.site
    return site
  }

  return {
    siteOf(key) {
      const given = digest(key)
      const site = find(given)
      if (site !== undefined) return site
      // It may have just been made; strangers' keys do not have all of the folder read.
      lookAgain(false)
      return find(given)
    },
    close: () => clearInterval(timer),
  }
}
