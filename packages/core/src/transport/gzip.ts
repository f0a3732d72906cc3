import type { Deflate, Gzip } from 'node:zlib'
import { zlib } from '../platform/builtins.js'

/** Makes a gzip file of a body, on a thread of its own. The next body may come when that is done. */
export type Compress = (body: Buffer) => Promise<Buffer>

/** Holds several batches compressed: for a piece that it has no room for, a body goes to the thread once more. */
const CHUNK_BYTES = 64 * 1024

/** A gzip file is deflated, and what deflates can be told to begin anew. */
type Resettable = Gzip & Pick<Deflate, 'reset'>

/**
 * One compressor for all bodies. Node's is a quarter of a megabyte outside of V8's heap; with one for each body, V8 13
 * (Node 24) took memory to be short and cleared its whole heap several times a second, for 3 µs of every request.
 */
export function createCompress(): Compress {
  let gzip: Resettable | undefined
  let fail: (error: Error) => void
  let pieces: Buffer[] = []

  function open(): Resettable {
    const { createGzip, constants } = zlib()
    // What is written is a file, whole.
    const opened = createGzip({ level: 1, chunkSize: CHUNK_BYTES, flush: constants.Z_FINISH }) as Resettable
    opened.on('data', (piece: Buffer) => pieces.push(piece))
    opened.on('error', error => {
      gzip = undefined
      fail(error)
    })
    return opened
  }

  return body =>
    new Promise((resolve, reject) => {
      fail = reject
      pieces = []
      gzip ??= open()
      const used = gzip
      used.write(body, error => {
        // Told as the stream's own error as well.
        if (error) return
        used.reset()
        resolve(pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces))
      })
    })
}
