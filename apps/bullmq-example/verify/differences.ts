import { isDeepStrictEqual } from 'node:util'

/** One line for each fact that is not as expected. */
export function differences(about: string, actual: object | undefined | null, expected: object): string[] {
  if (!actual) return [`${about} is not known`]
  const facts = new Map(Object.entries(actual))
  return Object.entries(expected)
    .filter(([name, value]) => !isDeepStrictEqual(facts.get(name), value))
    .map(
      ([name, value]) =>
        `${about}: ${name} is ${JSON.stringify(facts.get(name))}, expected ${JSON.stringify(value)}`,
    )
}
