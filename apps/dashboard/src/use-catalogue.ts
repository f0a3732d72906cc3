import { useEffect, useState } from 'preact/hooks'
import { type Mark, readKeys, readSeries } from './data/answers.js'
import { address, ask } from './data/client.js'
import { serverNow } from './data/clock.js'
import { LONGEST, MINUTE } from './data/window.js'

export interface Catalogue {
  sites: string[]
  environments: string[]
  /** The newest release's mark. */
  deploy: Mark | null
}

const EMPTY: Catalogue = { sites: [], environments: [], deploy: null }

async function askCatalogue(signal: AbortSignal): Promise<Catalogue> {
  const to = Math.ceil(serverNow() / MINUTE) * MINUTE
  const window = { from: to - LONGEST, to }
  const [sites, environments] = await Promise.all(
    ['site', 'environment'].map(by =>
      ask(address('series', {}, window, { by, step: String(LONGEST) }), signal),
    ),
  )
  return {
    sites: readKeys(sites),
    environments: readKeys(environments),
    deploy: readSeries(sites).marks.at(-1) ?? null,
  }
}

/**
 * What there is to choose from: sites, environments and the last deploy of 7 days, asked for once a minute.
 *
 * @param awake - false while there is nothing to ask about
 */
export function useCatalogue(awake: boolean, round: number): Catalogue {
  const [catalogue, setCatalogue] = useState(EMPTY)
  const turn = awake ? Math.floor(serverNow() / MINUTE) : null
  useEffect(() => {
    if (turn === null) return
    const asking = new AbortController()
    askCatalogue(asking.signal).then(setCatalogue, () => {
      // Without it the choices stay as they are; the feed tells of the trouble.
    })
    return () => asking.abort()
  }, [turn])
  // The round is what brings this hook back to look at the clock.
  void round
  return catalogue
}
