/** What comes from elsewhere, and is not always what the types promise. */
export function given<T>(value?: unknown): T {
  return value as T
}

export interface Person {
  name: string
  email: string
  address: { city: string; lines: string[] }
}

export interface Ticket {
  id: number
  title: string
  author: Person
  watchers: Person[]
  due: Date
  labels: Map<string, string>
  history: { status: string; by: Person }[]
  render(): string
}

export type Fault = (n: number) => unknown
