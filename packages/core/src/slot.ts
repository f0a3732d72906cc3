/** A value hung on an object of somebody else. */
export interface Slot<T> {
  get(owner: object): T | undefined
  set(owner: object, value: T): void
  /** What is there, or else what is made to be there. */
  ensure(owner: object, make: () => T): T
}

/** What a subclass adds to `this`, it adds to the object that was passed. */
const Returned = function returned(owner: object): object {
  return owner
} as unknown as new (
  owner: object,
) => object

/**
 * A new slot on any object. It does what a WeakMap does, which costs about a microsecond a key, most of it in the
 * garbage collection: a private field is no more than a field, and as little seen from outside.
 */
export function createSlot<T>(): Slot<T> {
  return class Slotted extends Returned {
    #value: T

    private constructor(holder: object, value: T) {
      super(holder)
      this.#value = value
    }

    static get(owner: object): T | undefined {
      const holder = holderOf(owner)
      return #value in holder ? holder.#value : undefined
    }

    static set(owner: object, value: T): void {
      const holder = holderOf(owner)
      if (#value in holder) holder.#value = value
      else new Slotted(holder, value)
    }

    static ensure(owner: object, make: () => T): T {
      const holder = holderOf(owner)
      if (#value in holder) return holder.#value
      const value = make()
      new Slotted(holder, value)
      return value
    }
  }
}

// A name that is passed: see node-response.ts.
const RAW_HEADERS = 'rawHeaders'

/**
 * What bears the field: of a request on Node its list of raw headers, which every request has for itself. Express
 * gives each request another prototype; after that V8 describes the whole object anew for each property that is added.
 */
function holderOf(owner: { readonly rawHeaders?: unknown }): object {
  const rawHeaders = owner[RAW_HEADERS]
  return Array.isArray(rawHeaders) ? rawHeaders : owner
}
