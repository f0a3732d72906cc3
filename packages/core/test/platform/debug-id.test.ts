import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { debugIdOf } from '../../src/platform/debug-id.js'

const ID = '85314830-023f-4cf1-a267-535f4e37bb17'
const OTHER = '0c9f6a1e-9f0d-4f5b-8a53-3f8e4e0e7c11'
const LONG = 'x'.repeat(5000)

const folder = mkdtempSync(join(tmpdir(), 'debug-id-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A file as it was built before the process began. */
function built(name: string, text: string, at = new Date(performance.timeOrigin - 60_000)): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  utimesSync(file, at, at)
  return file
}

describe("a file's debug id", () => {
  it.each<[string, string, string | undefined]>([
    ['on its last line', `run()\n//# debugId=${ID}`, ID],
    ['before the address of its map', `run()\n//# debugId=${ID}\n//# sourceMappingURL=a.js.map\n`, ID],
    ['in capitals, with line ends of Windows', `run()\r\n//# debugId=${ID.toUpperCase()}\r\n`, ID],
    ['at the end of a long file', `${LONG}\n//# debugId=${ID}\n`, ID],
    ['twice: the last is its own', `//# debugId=${OTHER}\n//# debugId=${ID}\n`, ID],
    ['too far from its end', `//# debugId=${ID}\n//${LONG}`, undefined],
    ['behind code', `run() //# debugId=${ID}\n`, undefined],
    ['that is none', '//# debugId=yesterday\n', undefined],
    ['that it has not', '', undefined],
  ])('is read: %s', (name, text, id) => {
    expect(debugIdOf(built(`${name.replaceAll(/\W/g, '-')}.js`, text))).toBe(id)
  })

  it('is found by an address', () => {
    const file = built('with a space.js', `//# debugId=${ID}\n`)
    expect(debugIdOf(pathToFileURL(file).href)).toBe(ID)
  })

  it('is read once', () => {
    const file = built('once.js', `//# debugId=${ID}\n`)
    expect(debugIdOf(file)).toBe(ID)
    built('once.js', `//# debugId=${OTHER}\n`)
    expect(debugIdOf(file)).toBe(ID)
  })

  it('is not that of a file written since the process began', () => {
    const later = new Date(performance.timeOrigin + 60_000)
    expect(debugIdOf(built('later.js', `//# debugId=${ID}\n`, later))).toBeUndefined()
  })

  it('is unknown of what cannot be read', () => {
    mkdirSync(join(folder, 'folder.js'))
    for (const name of ['/nowhere/main.js', 'file://elsewhere/main.js', 'file:', join(folder, 'folder.js')]) {
      expect(debugIdOf(name)).toBeUndefined()
    }
  })

  it('is looked for in no more than 500 files', () => {
    for (let n = 0; n < 500; n++) debugIdOf(`/nowhere/${n}.js`)
    expect(debugIdOf(built('one-more.js', `//# debugId=${ID}\n`))).toBeUndefined()
  })
})
