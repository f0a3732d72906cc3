import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of its own for a spool, not made yet. */
export class SpoolFolder implements AsyncDisposable {
  readonly #parent: string = mkdtempSync(join(tmpdir(), 'spool-'))
  readonly path: string = join(this.#parent, 'spool')

  get names(): string[] {
    try {
      return readdirSync(this.path)
    } catch {
      return []
    }
  }

  get paths(): string[] {
    return this.names.map(name => join(this.path, name))
  }

  get bytes(): number {
    return this.paths.reduce((sum, path) => sum + statSync(path).size, 0)
  }

  /** All files one after the other. */
  get content(): string {
    return this.paths.map(path => readFileSync(path, 'utf8')).join('')
  }

  /** Files in it that this process has open, where the platform says. */
  get openFiles(): number {
    const open = readdirSync('/proc/self/fd').map(fd => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`)
      } catch {
        return ''
      }
    })
    return open.filter(path => path.startsWith(this.path)).length
  }

  /** Waits until the folder is as `test` asks. */
  async until(test: (folder: this) => boolean): Promise<void> {
    while (!test(this)) await new Promise(setImmediate)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#parent, { recursive: true, force: true })
  }
}
