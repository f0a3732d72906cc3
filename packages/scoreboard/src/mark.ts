/** By which an event is known at the endpoint, whatever wire its client speaks. */
export function markOf(number: number): string {
  return `evt-${String(number).padStart(6, '0')}`
}

export function marksIn(text: string): string[] {
  return [...new Set(text.match(/evt-\d{6}/g))]
}
