/** The first line is the header; the first column is text, the others are figures. */
export function tableOf(lines: readonly (readonly string[])[]): string {
  const [header = []] = lines
  const widths = header.map((_, i) => Math.max(3, ...lines.map(line => line[i]?.length ?? 0)))
  const pad = (cell: string, i: number): string => cell[i ? 'padStart' : 'padEnd'](widths[i] ?? 0)
  const [first, ...rest] = lines.map(line => `| ${line.map(pad).join(' | ')} |`)
  const rule = widths.map((width, i) => (i ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))
  return [first, `| ${rule.join(' | ')} |`, ...rest].join('\n')
}
