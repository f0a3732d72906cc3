import { lstatSync, mkdirSync, readdirSync, type Stats } from 'node:fs'
import { access, constants, lstat, mkdir, readdir, readFile, rename, unlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { HEARTBEAT_MS, isGone, newOwner, type Owner, shortHash } from './owner.js'

/** All files of a folder together, whoever wrote them. */
const FOLDER_BYTES = 16 * 1024 * 1024
/** What is written at once at most; the largest event fits. */
export const CHUNK_BYTES: number = 128 * 1024
/** A file of ours is smaller by far. */
const LARGEST_FILE_BYTES = 2 * 1024 * 1024
/** After so long a record is not worth sending any more. */
export const DAY_MS: number = 24 * 60 * 60_000

const MADE = { recursive: true, mode: 0o700 } as const
const NAME = /^([0-9a-f]{12})-(?:free|([0-9a-f]{12})-([0-9a-f]{12})-(\d+)-(\d*))-([0-9a-f]{12})-\d+\.spool$/

/** A file of this client or of another one, of this site or of another. */
export interface Listed {
  readonly path: string
  readonly tag: string
  /** `undefined`: it was let go. */
  readonly owner: Owner | undefined
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly touched: number
}

export interface Listing {
  readonly files: readonly Listed[]
  /** How much lies in the folder that no client wrote. */
  readonly foreign: number
}

/** The folder as one client sees it: a file's name tells whose it is, and whoever renames it owns it. */
export class Folder {
  readonly path: string
  readonly #me: Owner = newOwner()
  /** Clients with another endpoint or site may share the folder. */
  readonly #tag: string
  #paths = 0

  constructor(path: string, endpoint: string, siteId: string) {
    this.path = path
    this.#tag = shortHash(endpoint, siteId)
  }

  /** A path for a file of ours. */
  newPath(): string {
    const { host, space, pid, start, client } = this.#me
    return this.#path(`${host}-${space}-${pid}-${start}-${client}`)
  }

  /** A path for a file that anybody may take. */
  freePath(): string {
    return this.#path(`free-${this.#me.client}`)
  }

  /** What is in the folder, which is made if it is missing. */
  async list(): Promise<Listing> {
    const names = await readdir(this.path).catch(async (error: unknown) => {
      if (!isMissing(error)) throw error
      await mkdir(this.path, MADE)
      return []
    })
    const stats = names.map(name => (NAME.test(name) ? lstat(join(this.path, name)) : undefined))
    // A file may be gone by now.
    return this.#listing(names, await Promise.all(stats.map(stat => stat?.catch(() => undefined))))
  }

  /** The same while the process waits. */
  listNow(): Listing {
    mkdirSync(this.path, MADE)
    const names = readdirSync(this.path)
    const stats = names.map(name =>
      NAME.test(name) ? lstatSync(join(this.path, name), { throwIfNoEntry: false }) : undefined,
    )
    return this.#listing(names, stats)
  }

  /** Bytes that may be written now. What other clients may be writing at this moment is left to them. */
  room({ files }: Listing): number {
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    const others = new Set(files.map(({ owner }) => owner?.client))
    others.delete(this.#me.client)
    others.delete(undefined)
    return FOLDER_BYTES - bytes - others.size * CHUNK_BYTES
  }

  /** Whether a file was left behind with records for our endpoint and site. */
  isLeft({ tag, owner, touched }: Listed): boolean {
    return tag === this.#tag && (!owner || isGone(owner, this.#me, touched))
  }

  /**
   * Takes a file over.
   * @returns `undefined` where another process was faster
   */
  async claim({ path }: Listed): Promise<{ path: string; content: Buffer } | undefined> {
    const own = this.newPath()
    try {
      await access(path, constants.R_OK | constants.W_OK)
      // Those who cannot see our process must not find the file abandoned under its new name.
      await utimes(path, new Date(), new Date())
      await rename(path, own)
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
    try {
      return { path: own, content: await readFile(own) }
    } catch (error) {
      await rename(own, this.freePath())
      throw error
    }
  }

  /** Removes a file for another site that nobody will read any more: all that is in it is too old. */
  async sweep({ path, tag, touched }: Listed): Promise<void> {
    if (tag !== this.#tag && Date.now() - touched > DAY_MS + HEARTBEAT_MS) await unlink(path).catch(() => {})
  }

  #path(owner: string): string {
    return join(this.path, `${this.#tag}-${owner}-${this.#paths++}.spool`)
  }

  #listing(names: readonly string[], stats: readonly (Stats | undefined)[]): Listing {
    const files: Listed[] = []
    let foreign = 0
    for (const [index, name] of names.entries()) {
      const stat = stats[index]
      const match = NAME.exec(name)
      if (!match || (stat && !(stat.isFile() && stat.size <= LARGEST_FILE_BYTES))) foreign++
      else if (stat) {
        const [, tag = '', host, space = '', pid, start = '', client = ''] = match
        const owner = host === undefined ? undefined : { host, space, pid: Number(pid), start, client }
        const { size, mtimeMs } = stat
        files.push({ path: join(this.path, name), tag, owner, bytes: size, touched: mtimeMs })
      }
    }
    return { files, foreign }
  }
}

/** A file or a folder is not there, or not any more. */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
