import { Intake } from './capture/intake.js'
import { type Analytics, assemble } from './client.js'
import { resolveSettings } from './config.js'
import type { AnalyticsEvent } from './event/schema.js'
import { createWarn } from './log.js'
import type { AnalyticsOptions } from './options.js'
import { Ledger } from './queue/ledger.js'

/** A client for tests: what it would send is in `events`, at once and in the order of capture. */
export interface Recorder extends Analytics {
  /** As they would be on the wire. */
  readonly events: readonly AnalyticsEvent[]
  /** Those of one name. */
  named(event: string): AnalyticsEvent[]
  clear(): void
}

/**
 * Makes a client that opens no socket: pass it to an adapter as `client` and look at `events`.
 * @param options as for `createAnalytics`; key and site id are made up where they are missing
 * @throws {JustAnalyticsError} for a wrong option
 */
export function createRecorder(options: AnalyticsOptions = {}): Recorder {
  const settings = resolveSettings({
    ...options,
    apiKey: options.apiKey ?? 'key',
    siteId: options.siteId ?? 'site',
  })
  const ledger = new Ledger(settings.onDrop)
  const events: AnalyticsEvent[] = []
  const outlet = {
    ledger,
    push(text: string): void {
      events.push(JSON.parse(text) as AnalyticsEvent)
      ledger.delivered++
    },
  }
  const ending = {
    flush: async () => true,
    close: async () => true,
    stats: () => ledger.stats(0, 0),
  }
  return assemble(new Intake(settings, outlet, createWarn(settings.logger)), ending, {
    events,
    named: (event: string) => events.filter(one => one.event === event),
    clear() {
      events.length = 0
    },
  })
}
