import { type Context, createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { serverNow } from './data/clock.js'
import { parseView, type Subject, type View, windowOf } from './data/view.js'
import type { Window } from './data/window.js'
import type { Go } from './use-view.js'

/** Where the page stands, for whoever leads elsewhere. */
export interface Place {
  view: View
  go: Go
  /** Something was changed from here: the panels ask anew. */
  renew(): void
  /** Now by the collector's clock, as of the last round of questions. */
  now: number
}

const PlaceContext: Context<Place> = createContext<Place>({
  view: parseView(''),
  go: () => {},
  renew: () => {},
  now: 0,
})

export const PlaceProvider: Context<Place>['Provider'] = PlaceContext.Provider

export function usePlace(): Place {
  return useContext(PlaceContext)
}

/** The page's window at this moment: what a drawer asks about. */
export function currentWindow(view: View): Window {
  return windowOf(view, serverNow())
}

/** The view with one more drawer on top. */
export function opening(view: View, subject: Subject): Partial<View> {
  return { drawers: [...view.drawers, subject] }
}
