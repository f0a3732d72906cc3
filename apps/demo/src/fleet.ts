import {
  type AppManifest,
  type AppSettings,
  createBalancer,
  type Running,
  type RunningApp,
  startApp,
  startWorker,
} from '@justanalytics/shop/run'
import type { Seat } from '@justanalytics/shop/traffic'

/** The running applications and workers, one instance each, two while a deploy is under way. */
export interface Fleet {
  /** The instances that serve, the newest release last. */
  readonly running: readonly RunningApp[]
  /** Starts everything with a release; from then on visitors come to it too. */
  start(release: string): Promise<void>
  /** Lets the visitors of a release finish, then stops it with SIGTERM, its workers last. @throws if one did not end well */
  retire(release: string): Promise<void>
  /** Stops whatever runs, without waiting for visitors. */
  stop(): Promise<void>
  /** Where the next visit goes. */
  seat(): Seat
}

export function createFleet(
  { apps, workers }: { apps: readonly AppManifest[]; workers: readonly AppManifest[] },
  settings: Omit<AppSettings, 'release'>,
): Fleet {
  const running: RunningApp[] = []
  const working: Running[] = []
  const balancer = createBalancer()
  let starting: Promise<unknown> = Promise.resolve()

  async function startOne(app: AppManifest, release: string): Promise<void> {
    const started = await startApp(app, { ...settings, release })
    running.push(started)
    balancer.add(started.url)
  }

  async function stopOne<T extends Running>(among: T[], one: T): Promise<void> {
    among.splice(among.indexOf(one), 1)
    const code = await one.stop()
    if (code !== 0) throw new Error(`${one.name} (${one.release}) ended with ${code}:\n${one.output()}`)
  }

  return {
    running,
    seat: balancer.seat,

    start(release) {
      starting = Promise.all([
        ...apps.map(app => startOne(app, release)),
        ...workers.map(async worker => working.push(await startWorker(worker, { ...settings, release }))),
      ])
      return starting.then(() => undefined)
    },

    async retire(release) {
      const isOld = (one: Running) => one.release === release
      await Promise.all(
        running.filter(isOld).map(async app => {
          await balancer.drain(app.url)
          await stopOne(running, app)
        }),
      )
      await Promise.all(working.filter(isOld).map(worker => stopOne(working, worker)))
    },

    async stop() {
      await starting.catch(() => undefined)
      const apps = running.slice().map(app => stopOne(running, app))
      const workers = working.slice().map(worker => stopOne(working, worker))
      await Promise.allSettled([...apps, ...workers])
    },
  }
}
