import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const file = join(import.meta.dirname, '../../docs/performance.md')

/** Puts text between `<!-- bench:<name> -->` and `<!-- /bench:<name> -->` of docs/performance.md. */
export async function writeDocs(name: string, text: string): Promise<void> {
  const page = await readFile(file, 'utf8')
  const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`]
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from < 0 || to < from) throw new Error(`docs/performance.md lacks ${begin} or ${end}.`)
  await writeFile(file, `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`)
}
