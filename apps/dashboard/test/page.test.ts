import { afterAll, beforeAll, describe } from 'vitest'
import { accessStories } from './stories/access.js'
import { actStories } from './stories/acts.js'
import { badgeStories } from './stories/badges.js'
import { copyStories } from './stories/copies.js'
import { drawerStories } from './stories/drawers.js'
import { liveStories } from './stories/live.js'
import { overviewStories } from './stories/overview.js'
import { spikeStories } from './stories/spike.js'
import { stateStories } from './stories/states.js'
import { timelineStories } from './stories/timeline.js'
import { verdictStories } from './stories/verdicts.js'
import { createWorld, storyIn, type World } from './world.js'

let world: World
const story = storyIn(() => world)

beforeAll(async () => {
  world = await createWorld()
}, 60_000)

afterAll(() => world?.close(), 60_000)

describe.concurrent('the page', () => {
  accessStories(story)
  overviewStories(story)
  verdictStories(story)
  spikeStories(story)
  drawerStories(story)
  copyStories(story)
  actStories(story)
  badgeStories(story)
  timelineStories(story)
  liveStories(story)
  stateStories(story)
})
