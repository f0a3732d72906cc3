/** Data as it comes from elsewhere: what the types promise is not always there. */
export interface Item {
  id: string
  price: number
  owner: { id: string; name: string; address: { city: string } }
  tags: string[]
  discount(): number
}

export interface Cart {
  id: string
  items: Item[]
  user: { id: string; email: string }
}

/** Nothing where something is expected. */
export function missing<T>(): T {
  return undefined as T
}

export function empty<T>(): T {
  return null as T
}

/** Something else than what is expected. */
export function other<T>(value: unknown): T {
  return value as T
}
