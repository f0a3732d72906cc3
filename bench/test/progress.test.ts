import { expect, it } from 'vitest'
import { Progress } from '../src/progress.js'

it.each([
  ['load', 0, 'about 6 min'],
  ['load', 0.5, 'about 4 min'],
  ['end', 0, 'about 60 s'],
])('says how long it takes from %s on, of which %f is done', (step, share, left) => {
  const lines: string[] = []
  const steps = [
    { name: 'start', seconds: 10 },
    { name: 'load', seconds: 300 },
    { name: 'end', seconds: 60 },
  ]
  new Progress(steps, line => lines.push(line)).say(step, 'the line', share)
  expect(lines).toEqual([`the line (${left} left)`])
})
