// A small application that does what its first argument says, and ends as that leaves it. It runs with the SDK or
// without; what it writes, and how it ends, must not tell which.
import { fork } from 'node:child_process'
import cluster from 'node:cluster'
import { readdirSync, readFileSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isMainThread, Worker, workerData } from 'node:worker_threads'

const { act, options, reports } = isMainThread ? JSON.parse(process.argv[2]) : workerData
const { createAnalytics } = await import(options ? '@justanalytics/core' : './without.mjs')
const client = createAnalytics(options)
const file = fileURLToPath(import.meta.url)

/** What the application itself throws. */
class OrderError extends Error {
  name = 'OrderError'
}
const oops = new OrderError('no such order', { cause: new Error('the table is gone') })
const later = last =>
  setTimeout(() => {
    done = performance.now()
    last()
  }, 20)
let done = performance.now()
const say = line => console.log(line)
const again = act => JSON.stringify({ act, options })

const ACTS = {
  'do nothing': () => say('done'),
  capture() {
    client.capture('order', { mark: process.pid })
    say('captured')
  },
  'capture much'() {
    for (let n = 0; n < 20_000; n++) client.capture('order', { n, text: 'x'.repeat(500) })
    say('captured')
  },
  async 'send what is there'() {
    say(`all of it: ${await client.flush(10_000)}`)
  },
  'capture some'() {
    for (let mark = 0; mark < 20; mark++) client.capture('order', { mark: `${process.pid} ${mark}` })
  },
  async 'capture some and flush'() {
    ACTS['capture some']()
    await client.flush(10_000)
  },
  async 'capture some, and flush when they should be on disk'() {
    ACTS['capture some']()
    await sleep(1000)
    await client.flush(10_000)
  },
  'capture some, and be killed a second later'() {
    ACTS['capture some']()
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1500)
  },
  async 'capture, flush and end'() {
    client.capture('order', { mark: 1 })
    await client.flush(10_000)
    say('flushed')
  },
  async 'capture and close'() {
    client.capture('order', { mark: 1 })
    await client.close()
    say('closed')
  },
  'capture and work on'() {
    client.capture('order', { mark: 1 })
    later(() => say('worked'))
  },
  'set an exit code'() {
    client.capture('order', { mark: 1 })
    process.exitCode = 7
  },
  'call process.exit'() {
    client.capture('order', { mark: 1 })
    say('leaving')
    process.exit(3)
  },
  'call process.exit in the middle of an attempt'() {
    client.capture('order', { mark: 1 })
    void client.flush()
    setTimeout(() => {
      done = performance.now()
      process.exit(4)
    }, 150)
  },
  'call process.exit in a listener for exit'() {
    client.capture('order', { mark: 1 })
    process.on('exit', () => process.exit(9))
  },
  'kill itself'() {
    client.capture('order', { mark: 1 })
    process.kill(process.pid, 'SIGKILL')
    setInterval(() => {}, 1000)
  },
  'throw at once'() {
    client.capture('order', { mark: 1 })
    throw oops
  },
  'throw later'() {
    client.capture('order', { mark: 1 })
    later(() => {
      throw oops
    })
  },
  'throw a string'() {
    later(() => {
      throw 'no such order'
    })
  },
  'throw undefined'() {
    later(() => {
      throw undefined
    })
  },
  'throw an AggregateError'() {
    later(() => {
      throw new AggregateError([oops, new TypeError('second')], 'both')
    })
  },
  'throw what cannot be printed'() {
    later(() => {
      throw Object.defineProperty(new Error('x'), 'message', {
        get() {
          throw new Error('not to be read')
        },
      })
    })
  },
  'survive by a listener'() {
    process.on('uncaughtException', (error, origin) => {
      say(`${error === oops} ${origin} ${Object.getOwnPropertyNames(error)}`)
      process.exitCode = 5
    })
    later(() => {
      throw oops
    })
  },
  'throw in the listener'() {
    process.on('uncaughtException', () => {
      throw new TypeError('worse')
    })
    later(() => {
      throw oops
    })
  },
  'watch by a monitor'() {
    process.on('uncaughtExceptionMonitor', (error, origin) => say(`${error === oops} ${origin}`))
    later(() => {
      throw oops
    })
  },
  reject() {
    client.capture('order', { mark: 1 })
    later(() => void Promise.reject(oops))
  },
  'reject with a string': () => void later(() => void Promise.reject('no such order')),
  'survive a rejection by a listener'() {
    process.on('unhandledRejection', reason => say(String(reason === oops)))
    later(() => void Promise.reject(oops))
  },
  'handle a rejection late'() {
    process.on('unhandledRejection', () => say('unhandled'))
    process.on('rejectionHandled', () => say('handled after all'))
    const promise = Promise.reject(oops)
    later(() => promise.catch(() => {}))
  },
  async 'await for ever'() {
    client.capture('order', { mark: 1 })
    await new Promise(() => {})
  },
  'warn in Node’s own way'() {
    process.emitWarning('take care', 'CareWarning')
  },
  'name its listeners'() {
    // Ours to listen to: `beforeExit` flushes, `exit` counts what is lost.
    const others = process.eventNames().filter(name => !['beforeExit', 'exit'].includes(name))
    say(others.map(name => `${String(name)} ${process.listenerCount(name)}`).join())
  },
  'count what it is told at the end'() {
    process.on('beforeExit', code => say(`beforeExit ${code}`))
    process.on('exit', code => say(`exit ${code}`))
  },
  'write until nobody reads'() {
    client.capture('order', { mark: 1 })
    process.stdout.on('error', error => {
      process.exitCode = error.code === 'EPIPE' ? 6 : 8
    })
    const write = () => process.stdout.write('x'.repeat(65_536), error => error || setImmediate(write))
    write()
  },
  'wait for a signal'() {
    client.capture('order', { mark: 1 })
    setInterval(() => {}, 1000)
    say('ready')
  },
  'end in its own time on SIGTERM'() {
    client.capture('order', { mark: 1 })
    const work = setInterval(() => {}, 1000)
    process.on('SIGTERM', () => {
      say('stopping')
      clearInterval(work)
    })
    say('ready')
  },
  'close on SIGTERM'() {
    client.capture('order', { mark: 1 })
    const work = setInterval(() => {}, 1000)
    process.on('SIGTERM', async () => {
      await client.close()
      clearInterval(work)
      process.exitCode = 11
    })
    say('ready')
  },
  fork() {
    client.capture('order', { mark: 'parent' })
    fork(file, [again('capture')]).on('exit', (code, signal) => say(`the child ended: ${code} ${signal}`))
  },
  'fork one that throws'() {
    const child = fork(file, [again('throw later')], { silent: true })
    child.on('exit', (code, signal) => say(`the child ended: ${code} ${signal}`))
  },
  cluster() {
    if (cluster.isWorker) {
      client.capture('order', { mark: `worker ${cluster.worker.id}` })
      process.disconnect()
      return
    }
    client.capture('order', { mark: 'primary' })
    let left = 2
    cluster.on('exit', (_worker, code) => --left === 0 && say(`the last worker ended: ${code}`))
    cluster.fork()
    cluster.fork()
  },
  'worker threads'() {
    if (!isMainThread) {
      client.capture('order', { mark: `thread ${workerData.n}` })
      return
    }
    client.capture('order', { mark: 'main' })
    let left = 2
    for (const n of [1, 2]) {
      const worker = new Worker(file, { workerData: { act, options, n } })
      worker.on('exit', code => --left === 0 && say(`the last thread ended: ${code}`))
    }
  },
  'a thread that throws'() {
    if (!isMainThread) {
      client.capture('order', { mark: 'thread' })
      throw oops
    }
    const worker = new Worker(file, { workerData: { act, options } })
    worker.on('error', error => say(`${error.name}: ${error.message}`))
    worker.on('exit', code => say(`the thread ended: ${code}`))
  },
  'a thread that is terminated'() {
    if (!isMainThread) {
      client.capture('order', { mark: 'thread' })
      setInterval(() => {}, 1000)
      return
    }
    const worker = new Worker(file, { workerData: { act, options } })
    worker.on('online', () => setTimeout(() => void worker.terminate(), 300))
    worker.on('exit', code => say(`the thread ended: ${code}`))
  },
  'a clock that jumps a year ahead': () => moveClock(365 * 86_400_000),
  'a clock that jumps a year back': () => moveClock(-365 * 86_400_000),
  'a clock that tells no time': () => moveClock(Number.NaN),
}

/** Milliseconds that the threads of this process waited for a processor that others had; 0 where nobody counts them. */
function waited() {
  try {
    const threads = readdirSync('/proc/self/task')
    const times = threads.map(id => readFileSync(`/proc/self/task/${id}/schedstat`, 'utf8').split(' ')[1])
    return times.reduce((sum, time) => sum + Number(time) / 1e6, 0)
  } catch {
    return 0
  }
}

/** Between two captures. */
function moveClock(by) {
  client.capture('order', { mark: 'before' })
  const now = Date.now
  Date.now = () => now() + by
  client.capture('order', { mark: 'after' })
  later(() => say('the clock was moved'))
}

if (reports && isMainThread && cluster.isPrimary) {
  // Behind the client's own listener: what it did in its last moment is in.
  process.on('exit', () => {
    const held = performance.now() - done
    writeSync(3, `${JSON.stringify({ held, waited: waited(), stats: client.stats() })}\n`)
  })
}
process.once('beforeExit', () => {
  done = performance.now()
})
await ACTS[act]()
