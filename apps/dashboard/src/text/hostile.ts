/**
 * Characters that change how their neighbours read without being seen: bidirectional
 * controls, and the control characters that are neither tab nor line feed.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** The text with such characters spelled out: `⟨U+202E⟩`. */
export function reveal(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(UNSEEN, unseen => {
    const code = unseen.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
    return `⟨U+${code}⟩`
  })
}

/** The first line's worth of a text: white space run together, at most `most` characters. */
export function brief(text: string, most: number): string {
  const line = text
    .slice(0, most * 4)
    .replace(/\s+/g, ' ')
    .trim()
  const points = Array.from(line)
  return points.length > most || text.length > most * 4 ? `${points.slice(0, most - 1).join('')}…` : line
}
