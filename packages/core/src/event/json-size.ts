// Data is only measured when an event is too big, and then its parts again and again.
const measured = new WeakMap<object, number>()

/** How many bytes of UTF-8 JSON data has as text. It must not change afterwards. */
export function jsonSize(value: unknown): number {
  if (typeof value === 'string') return textSize(value)
  if (typeof value !== 'object' || value === null) return String(value).length
  let size = measured.get(value)
  if (size === undefined) {
    size = Array.isArray(value) ? itemsSize(value) : entriesSize(value)
    measured.set(value, size)
  }
  return size
}

function itemsSize(items: unknown[]): number {
  return items.reduce((size: number, item) => size + jsonSize(item) + 1, items.length === 0 ? 2 : 1)
}

function entriesSize(value: object): number {
  const entries = Object.entries(value)
  return entries.reduce(
    (size, [key, part]) => size + textSize(key) + jsonSize(part) + 2,
    entries.length === 0 ? 2 : 1,
  )
}

/** The bytes of a string with its quotes. */
export function textSize(text: string): number {
  let size = 2
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) size += unit < 0x20 ? escapeSize(unit) : unit === 0x22 || unit === 0x5c ? 2 : 1
    else if (unit < 0x800) size += 2
    // A pair of surrogates is two units and four bytes.
    else size += unit >= 0xd800 && unit <= 0xdfff ? 2 : 3
  }
  return size
}

/** `\n` and its like are short, other control characters are `\u0000`. */
const escapeSize = (unit: number): number => ([8, 9, 10, 12, 13].includes(unit) ? 2 : 6)
