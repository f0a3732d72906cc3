/** One deploy of the shop. */
export interface Release {
  name: string
  /** Whether the sum to pay takes the category's promotion into account. */
  promotions: boolean
}

/** Its past, oldest first; all of them good. */
export const PAST_RELEASES: readonly string[] = ['shop@2.3.0', 'shop@2.3.1']

/** What runs when the demo begins. */
export const GOOD_RELEASE = 'shop@2.4.0'

/** What the demo deploys: promotions, and carts that cannot be paid. */
export const BAD_RELEASE = 'shop@2.4.1'

/** The release of a name; a name we do not know is a good one. */
export function releaseOf(name: string | undefined): Release {
  return { name: name ?? GOOD_RELEASE, promotions: name === BAD_RELEASE }
}
