import type { AdapterOptions } from '@justanalytics/core/adapter'
import type { AnalyticsEvent, EventProperties } from '@justanalytics/core/event'
import { expect } from 'vitest'
import { type Answer, type Ask, Client, RawClient } from './client.js'
import { API_KEY, SITE_ID, Sink } from './sink.js'
import { Stage } from './stage.js'
import type { HttpSubject, Running, Setup } from './subject.js'

/** One line of the contract, for every framework. */
export interface Case {
  /** Unique, and what the report and `cannot` call it. */
  name: string
  run(subject: HttpSubject): Promise<void>
}

/** What a case may touch while the application runs. */
export interface Play {
  readonly stage: Stage
  readonly sink: Sink
  readonly app: Running
  ask(path: string, ask?: Ask): Promise<Answer>
  connect(): Promise<RawClient>
}

/** All that the endpoint was told, once the application has closed. */
export interface Told {
  readonly events: readonly AnalyticsEvent[]
  /** Properties of pageviews and API requests. */
  readonly requests: readonly EventProperties[]
  readonly exceptions: readonly EventProperties[]
  readonly stage: Stage
  /** Everything that left the process, as text. */
  readonly wire: string
}

export interface Scene {
  options?: AdapterOptions<unknown> | ((stage: Stage) => AdapterOptions<unknown>)
  adapters?: Setup['adapters']
  /** Warnings are part of the case; otherwise there must be none. */
  warns?: boolean
}

/**
 * Starts the application with its adapter and an endpoint, lets `act` use it, closes the application and tells
 * what the endpoint got. Nothing arrives after that: what is not there then was not sent.
 */
export async function play(
  subject: HttpSubject,
  scene: Scene,
  act: (play: Play) => Promise<unknown>,
): Promise<Told> {
  const sink = await Sink.open()
  const stage = new Stage()
  const processWarnings: string[] = []
  const onWarning = (warning: Error): void => void processWarnings.push(`${warning.name}: ${warning.message}`)
  process.on('warning', onWarning)
  const given = typeof scene.options === 'function' ? scene.options(stage) : scene.options
  const options = given?.client ? given : { ...optionsFor(sink), logger: stage.logger, ...given }
  const close = async (): Promise<void> => {
    await sink.close()
    process.off('warning', onWarning)
  }
  const setup: Setup = { options, adapters: scene.adapters ?? 1, stage }
  const app = await subject.start(setup).catch(async error => {
    await close()
    throw error
  })
  const client = new Client(app.url)
  const connections: RawClient[] = []
  try {
    await act({
      stage,
      sink,
      app,
      ask: (path, ask) => client.ask(path, ask),
      async connect() {
        const connection = await RawClient.connect(app.url)
        connections.push(connection)
        return connection
      },
    })
  } finally {
    stage.open()
    for (const connection of connections) connection.leave()
    await client.close()
    await app.close()
    await close()
  }
  expect(sink.problems).toEqual([])
  expect(processWarnings).toEqual([])
  if (!scene.warns) expect(stage.warnings).toEqual([])
  return tell(sink, stage)
}

/** Options that lead to `sink`. */
export function optionsFor(sink: Sink): AdapterOptions<unknown> {
  return { apiKey: API_KEY, siteId: SITE_ID, endpoint: sink.url, environment: 'test', flushInterval: 10 }
}

function tell(sink: Sink, stage: Stage): Told {
  const named = (...names: string[]): EventProperties[] =>
    sink.events.filter(event => names.includes(event.event)).map(event => event.properties)
  return {
    events: sink.events,
    requests: named('pageview', 'api_request'),
    exceptions: named('exception'),
    stage,
    wire: sink.received.join('\n'),
  }
}

/** The one of a list that is to have exactly one. */
export function only<T>(list: readonly T[]): T {
  expect(list).toHaveLength(1)
  return list[0] as T
}
