import { platform } from '#platform'
import { Backlog } from './capture/backlog.js'
import { Intake } from './capture/intake.js'
import { captureError } from './capture/verbs.js'
import { type Analytics, assemble, disabled } from './client.js'
import { resolveSettings } from './config.js'
import { createWarn } from './log.js'
import type { AnalyticsOptions } from './options.js'
import type { Variables } from './platform/platform.js'
import { quote, wrongOption } from './rules.js'
import { Delivery } from './transport/delivery.js'

/** A process that ends by itself is held up for no longer than this. */
const LEAVE_MS = 2000
/** One that crashes or is told to exit, for no longer than this. */
const CRASH_MS = 1000

/**
 * Makes a client. Without an API key or a site id it is disabled, says so once, and costs nothing more.
 * @throws {JustAnalyticsError} for a wrong option
 */
export function createAnalytics(options?: AnalyticsOptions): Analytics {
  return openClient(options)
}

/**
 * For adapters.
 * @param late variables that came with a request; they add to those of the process
 * @param early whether there will be such, so that a missing key is no surprise yet
 */
export function openClient(options?: AnalyticsOptions, late?: Variables, early = false): Analytics {
  const variables = platform.variables()
  const settings = resolveSettings(options, late ? { ...variables, ...late } : variables)
  const { apiKey, siteId, endpoint, requestTimeout, captureUncaught, spool: folder } = settings
  const { openSpool } = platform
  if (folder !== undefined && !openSpool) throw wrongOption('spool', 'left out off Node', quote(folder))
  const warn = createWarn(settings.logger, apiKey)
  if (apiKey === undefined || siteId === undefined) {
    const missing =
      apiKey === undefined ? 'apiKey` (JUSTANALYTICS_API_KEY)' : 'siteId` (JUSTANALYTICS_SITE_ID)'
    if (!early) warn(`nothing is sent: there is no \`${missing}.`)
    return disabled()
  }
  const transport = platform.createTransport({ endpoint, apiKey, requestTimeout })
  const delivery = new Delivery(
    { ...settings, onDemand: platform.onDemand },
    transport,
    losses => intake.report(losses),
    warn,
    folder === undefined ? undefined : parts => openSpool?.({ folder, endpoint, siteId }, parts),
  )
  const backlog = platform.requestsLast ? new Backlog() : undefined
  const intake = new Intake(settings, delivery, warn, backlog)

  const forgetProcess = platform.watchProcess({
    leave() {
      backlog?.clear()
      intake.settleStorm()
      return delivery.leave(LEAVE_MS)
    },
    abandon() {
      backlog?.clear()
      delivery.abandon(
        captureUncaught
          ? batches => platform.postNow({ endpoint, apiKey, batches, timeout: CRASH_MS })
          : undefined,
      )
    },
    ...(captureUncaught && {
      crash(error: unknown, origin: string, dies: boolean) {
        const mechanism = origin === 'unhandledRejection' ? 'unhandled_rejection' : 'uncaught'
        captureError(intake, error, { sdk: 'core', mechanism, handled: !dies })
      },
    }),
  })
  const ending = {
    flush: (timeout: number) => delivery.flush(timeout),
    async close(timeout: number) {
      intake.settleStorm()
      const delivered = await delivery.close(timeout)
      // A process that is told to exit in the middle of it still has its spool.
      forgetProcess()
      return delivered
    },
    stats: () => delivery.stats,
  }
  return assemble(intake, ending, {})
}
