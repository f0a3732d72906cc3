import type { Seat } from '../traffic/drive.js'

/** Spreads visits over the instances that serve, in turn; a visit stays where it began. */
export interface Balancer {
  /** From now on this instance gets its share. */
  add(origin: string): void
  /** No new visits; resolves when the last one that is there has ended. */
  drain(origin: string): Promise<void>
  /** @throws if nothing serves */
  seat(): Seat
}

interface Place {
  origin: string
  visits: number
  empty: (() => void) | undefined
}

export function createBalancer(): Balancer {
  const places: Place[] = []
  let turn = 0

  return {
    add(origin) {
      places.push({ origin, visits: 0, empty: undefined })
    },

    drain(origin) {
      const index = places.findIndex(place => place.origin === origin)
      const [place] = index < 0 ? [] : places.splice(index, 1)
      if (!place || place.visits === 0) return Promise.resolve()
      return new Promise(resolve => {
        place.empty = resolve
      })
    },

    seat() {
      const place = places[turn++ % places.length]
      if (!place) throw new Error('No instance serves')
      place.visits++
      return {
        origin: place.origin,
        leave() {
          if (--place.visits === 0) place.empty?.()
        },
      }
    },
  }
}
