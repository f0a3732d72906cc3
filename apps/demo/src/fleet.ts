import {
  type AppManifest,
  type AppSettings,
  createBalancer,
  type RunningApp,
  startApp,
} from '@justanalytics/shop/run'
import type { Seat } from '@justanalytics/shop/traffic'

/** The running applications, one instance each, two while a deploy is under way. */
export interface Fleet {
  /** The instances that serve, the newest release last. */
  readonly running: readonly RunningApp[]
  /** Starts every application with a release; from then on visitors come to it too. */
  start(release: string): Promise<void>
  /** Lets the visitors of a release finish, then stops it with SIGTERM. @throws if an application did not end well */
  retire(release: string): Promise<void>
  /** Stops whatever runs, without waiting for visitors. */
  stop(): Promise<void>
  /** Where the next visit goes. */
  seat(): Seat
}

export function createFleet(apps: readonly AppManifest[], settings: Omit<AppSettings, 'release'>): Fleet {
  const running: RunningApp[] = []
  const balancer = createBalancer()
  let starting: Promise<unknown> = Promise.resolve()

  async function stopOne(app: RunningApp): Promise<void> {
    running.splice(running.indexOf(app), 1)
    const code = await app.stop()
    if (code !== 0) throw new Error(`${app.name} (${app.release}) ended with ${code}:\n${app.output()}`)
  }

  return {
    running,
    seat: balancer.seat,

    start(release) {
      starting = Promise.all(
        apps.map(async app => {
          const started = await startApp(app, { ...settings, release })
          running.push(started)
          balancer.add(started.url)
        }),
      )
      return starting.then(() => undefined)
    },

    async retire(release) {
      const old = running.filter(app => app.release === release)
      await Promise.all(
        old.map(async app => {
          await balancer.drain(app.url)
          await stopOne(app)
        }),
      )
    },

    async stop() {
      await starting.catch(() => undefined)
      await Promise.allSettled(running.slice().map(stopOne))
    },
  }
}
