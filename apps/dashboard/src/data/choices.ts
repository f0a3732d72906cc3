import type { Place } from './shapes.js'
import type { Filters } from './view.js'

/** What there is to choose from. */
interface Choices {
  sites: string[]
  /** Of the chosen site, or of all. */
  environments: string[]
  /** When a release came last, of what is chosen; milliseconds since the epoch, null where none is told. */
  deployed: number | null
}

function distinct(names: readonly (string | null)[]): string[] {
  return [...new Set(names)].filter(name => name !== null && name !== '').sort() as string[]
}

export function choicesOf(places: readonly Place[], { site, env }: Filters): Choices {
  const ofSite = places.filter(place => !site || place.site === site)
  const deploys = ofSite.flatMap(({ environment, deploy }) =>
    deploy && (!env || environment === env) ? [Date.parse(deploy.at)] : [],
  )
  return {
    sites: distinct(places.map(place => place.site)),
    environments: distinct(ofSite.map(({ environment }) => environment)),
    deployed: deploys.length > 0 ? Math.max(...deploys) : null,
  }
}
