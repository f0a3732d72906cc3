import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** One connection, as a step sees it. */
export interface Line {
  readonly socket: Socket
  /** Aborted when the connection is gone. */
  readonly gone: AbortSignal
  /** Sends bytes, a character each where it is text; resolves when there is room for more. */
  write(bytes: string | Uint8Array): Promise<void>
}

/** What a script does with a connection: bytes that are sent as they stand, or an act. */
export type Step = string | Uint8Array | Act
export type Act = (line: Line) => Promise<void> | void

/** Cuts the connection: RST. */
export const reset: Act = ({ socket }) => void socket.resetAndDestroy()

/** Ends our side in order: FIN. What the peer still says is read. */
export const fin: Act = ({ socket }) => void socket.end()

/** Reads nothing for a while, so that the peer's bytes pile up. Its leaving goes unnoticed meanwhile. */
export const stall =
  (milliseconds: number): Act =>
  async ({ socket, gone }) => {
    socket.pause()
    await sleep(milliseconds, undefined, { signal: gone })
    socket.resume()
  }

/** Does nothing for a while. */
export const wait =
  (milliseconds: number): Act =>
  async ({ gone }) => {
    await sleep(milliseconds, undefined, { signal: gone })
  }

/** Does nothing more, and never leaves. */
export const silence: Act = async ({ gone }) => {
  if (!gone.aborted) await once(gone, 'abort')
}

/** Sends one byte at a time. */
export const drip =
  (bytes: string, every: number): Act =>
  async line => {
    for (const byte of bytes) {
      await line.write(byte)
      await sleep(every, undefined, { signal: line.gone })
    }
  }

/** Sends the same bytes again and again, 16 KiB or so at a time, until the peer has had enough. */
export const endless = (bytes: string): Act => {
  const chunk = bytes.repeat(Math.ceil(16_384 / bytes.length))
  return async line => {
    while (!line.gone.aborted) {
      await line.write(chunk)
      // So that others have their turn, the peer among them.
      await sleep(1, undefined, { signal: line.gone })
    }
  }
}

/** Reads what comes in small gulps, with a pause after each. */
export const sip =
  (pause: number): Act =>
  ({ socket, gone }) => {
    socket.on('data', () => {
      socket.pause()
      sleep(pause, undefined, { signal: gone }).then(
        () => socket.resume(),
        () => {},
      )
    })
  }

/** Takes one step after the other; ends early when the connection is gone. */
export async function play(line: Line, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if (line.gone.aborted) return
    try {
      await (typeof step === 'function' ? step(line) : line.write(step))
    } catch (error) {
      if (!line.socket.destroyed) throw error
    }
  }
}
