import { spawn, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Remote, type Verbs } from './rpc.js'

/** The server is alone on its core, where there are two and `taskset` can say so. */
export type Core = 'load' | 'server'

const CORES: Record<Core, string> = { load: '0', server: '1' }
/**
 * A server waits while the others have their turns. V8 would use that to clear away, to the last, and forget what it
 * has learnt of the program: of a hot function of Node's own as well, which is then slower for good. Under load
 * none waits.
 */
const FLAGS: Record<Core, readonly string[]> = { load: [], server: ['--no-memory-reducer'] }
export const isPinned: boolean =
  availableParallelism() > 1 && spawnSync('taskset', ['-c', '1', 'true']).status === 0

const alive = new Set<Remote<Verbs>>()

/** Starts one of the files beside this one; resolves when it answers calls. */
export async function startProcess<V extends Verbs>(
  file: 'load' | 'server' | 'sink',
  core: Core,
  args: readonly string[] = [],
): Promise<Remote<V>> {
  const path = fileURLToPath(new URL(`./${file}.js`, import.meta.url))
  const command = [process.execPath, ...FLAGS[core], path, ...args]
  const [program = '', ...rest] = isPinned ? ['taskset', '-c', CORES[core], ...command] : command
  const child = spawn(program, rest, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const remote = new Remote<V>(child)
  alive.add(remote as Remote<Verbs>)
  child.once('exit', () => alive.delete(remote as Remote<Verbs>))
  await remote.ready()
  return remote
}

/** Ends all that was started here, at once. */
export function endAll(): void {
  for (const { child } of alive) child.kill('SIGKILL')
}
